//! May these people be engaged? Reads only.

use decorum_core::{
    Account, AccountId, Action, DedupScope, Key, Latest, Platform, Refusal, Settings, Timestamp,
    Username, engage,
};

use super::fault::Outcome;
use super::look::Want;
use super::step::{Keeper, version_in_force};

impl Keeper {
    pub(super) async fn check(
        &self,
        first: &Settings,
        account: &AccountId,
        action: Action,
        targets: &[Username],
        now: Timestamp,
    ) -> Outcome<Vec<Result<(), Refusal>>> {
        let platform = Platform::Instagram;
        let key = |target: &Username| Key {
            platform,
            account_id: account.clone(),
            target_username: target.clone(),
            action,
        };
        let keys: Vec<_> = targets.iter().map(key).collect();
        let wants = [
            Want::Settings,
            Want::Suppressed(platform, targets.to_vec()),
            Want::Rows(keys.clone()),
        ];
        let mut look = self.servers.look(platform, account, &wants, &self.key).await?;
        let (settings, version) = version_in_force(&look, first)?;
        let together = if settings.fleet_budgets.cap(action).is_none() {
            None
        } else {
            Some(self.together(version).await?)
        };
        let mut others = Vec::new();
        if settings.dedup_scope == DedupScope::Fleet {
            let all = [&wants[..], &[Want::Everywhere(keys.clone())]].concat();
            look = self.servers.look(platform, account, &all, &self.key).await?;
            others = look.everywhere()?;
        }
        let acting = match &look.account {
            Some(stored) => stored.account.clone(),
            None => Account::new(platform, account.clone()),
        };
        if let Some(carried) = look.account.as_ref().and_then(|stored| stored.pending.clone()) {
            look = look.with(&wants, &carried);
        }
        let mut rows = look.rows()?;
        let answer = |key: Key| {
            let of_others = |(other, _): &&(Key, Latest)| {
                other.target_username == key.target_username && other.account_id != *account
            };
            let elsewhere: Vec<_> =
                others.iter().filter(of_others).map(|(_, row)| row.clone()).collect();
            let latest = rows.remove(&key).unwrap_or_default();
            let situation = engage::Situation {
                settings: &settings,
                account: &acting,
                latest: &latest,
                elsewhere: &elsewhere,
                suppressed: look.is_suppressed(platform, &key.target_username),
                account_lease: None,
                fleet: together.as_ref().map(|together| &together.usage),
            };
            engage::check(&situation, action, now)
        };
        Ok(keys.into_iter().map(answer).collect())
    }
}
