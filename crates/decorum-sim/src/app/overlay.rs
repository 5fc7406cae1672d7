//! What stands in front of the screen: dialogs, sheets, prompts, toasts, and the gates behind
//! which the app does not open at all.

use super::{App, Screen, Stuck};
use crate::scenario::{DialogStyle, Fault, FaultKind, Interstitial, Show};
use crate::tree::Field;

/// A gate that only a person opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gate {
    Open,
    LoggedOut,
    Challenge,
    Suspended,
}

impl Gate {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::LoggedOut => "logged_out",
            Self::Challenge => "challenge",
            Self::Suspended => "account_suspended",
        }
    }
}

/// A box with a text and buttons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dialog {
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) buttons: Vec<String>,
    /// Seen by the alert routes.
    pub(crate) alert: bool,
    /// Belongs to the system: it survives the app.
    pub(crate) system: bool,
}

/// Something that covers the screen until it is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Overlay {
    Dialog(Dialog),
    Unfollow(String),
    Accounts,
    Notifications,
    Photos,
}

/// A text that goes away by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Toast {
    pub(crate) text: String,
    pub(crate) until: i64,
}

fn stuck(fault: &Fault) -> Stuck {
    if fault.stuck == Some(true) { Stuck::Yes } else { Stuck::No }
}

impl App {
    /// The toast, while it lasts.
    pub(crate) fn toast(&self, now: i64) -> Option<&str> {
        self.toast.as_ref().filter(|toast| now < toast.until).map(|toast| toast.text.as_str())
    }

    /// The dialog in front, if one is.
    pub(crate) fn dialog(&self) -> Option<&Dialog> {
        match self.overlays.last() {
            Some(Overlay::Dialog(dialog)) => Some(dialog),
            _ => None,
        }
    }

    /// Closes the gate: the app shows nothing else from now on.
    pub(crate) fn close_gate(&mut self, gate: Gate) {
        self.gate = gate;
        self.generation += 1;
        self.focus = None;
        self.toast = None;
        self.overlays.retain(|overlay| matches!(overlay, Overlay::Dialog(d) if d.system));
    }

    /// A person has settled the matter with the platform.
    pub(crate) fn open_gate(&mut self, now: i64) {
        self.gate = Gate::Open;
        self.fields.clear();
        self.open_root(Screen::Feed, now);
    }

    /// Shows what a fault shows.
    pub(crate) fn strike(&mut self, fault: &Fault, now: i64) {
        match fault.kind {
            FaultKind::Challenge => self.close_gate(Gate::Challenge),
            FaultKind::LoggedOut => self.close_gate(Gate::LoggedOut),
            FaultKind::AccountSuspended => self.close_gate(Gate::Suspended),
            FaultKind::WrongAccount => {
                if let Some(account) = &fault.account {
                    self.account.clone_from(account);
                    self.generation += 1;
                }
            }
            FaultKind::Crash => self.terminate(),
            FaultKind::Interstitial => self.prompt(fault),
            FaultKind::RateLimit | FaultKind::ActionBlocked | FaultKind::Dialog => {
                self.announce(fault, now);
            }
            FaultKind::Sideways => {
                self.sideways = Some(stuck(fault));
                self.generation += 1;
            }
            FaultKind::Keyboard => {
                self.focus = Some(Field::Search);
                self.keyboard = stuck(fault);
            }
            FaultKind::AppUpdated => {
                self.terminate();
                self.update.take(&fault.rename, &fault.relabel);
            }
            FaultKind::SilentRevert
            | FaultKind::Drop
            | FaultKind::SessionLost
            | FaultKind::StaleElement
            | FaultKind::Stall
            | FaultKind::AgentCrash => {}
        }
    }

    fn announce(&mut self, fault: &Fault, now: i64) {
        let texts = self.texts();
        let blocked = fault.kind == FaultKind::ActionBlocked;
        let (title, text) = match fault.kind {
            FaultKind::ActionBlocked => (texts.blocked_title, texts.blocked_text),
            FaultKind::RateLimit => (texts.limit_title, texts.limit_text),
            _ => ("", ""),
        };
        if fault.show == Some(Show::Toast) {
            let standard = if blocked { texts.blocked_title } else { texts.limit_toast };
            self.toast = Some(Toast {
                text: fault.text.clone().unwrap_or_else(|| standard.to_owned()),
                until: now + i64::try_from(self.scenario.toast_ms).unwrap_or(i64::MAX / 2),
            });
            return;
        }
        let buttons = match (fault.buttons.is_empty(), fault.kind) {
            (false, _) => fault.buttons.clone(),
            (true, FaultKind::Dialog) => vec![texts.ok.to_owned()],
            (true, _) => vec![texts.tell_us.to_owned(), texts.ok.to_owned()],
        };
        let alert = self.scenario.dialog_style == DialogStyle::Alert;
        self.push_dialog(Dialog {
            title: fault.title.clone().unwrap_or_else(|| title.to_owned()),
            text: fault.text.clone().unwrap_or_else(|| text.to_owned()),
            buttons,
            alert,
            system: false,
        });
    }

    fn prompt(&mut self, fault: &Fault) {
        let texts = self.texts();
        match fault.prompt {
            Some(Interstitial::Notifications) => self.overlays.push(Overlay::Notifications),
            Some(Interstitial::Photos) => self.overlays.push(Overlay::Photos),
            Some(Interstitial::Tracking) => self.push_dialog(Dialog {
                title: texts.tracking_title.to_owned(),
                text: texts.tracking_text.to_owned(),
                buttons: vec![texts.tracking_deny.to_owned(), texts.tracking_allow.to_owned()],
                alert: true,
                system: true,
            }),
            Some(Interstitial::Alert) | None => self.push_dialog(Dialog {
                title: fault.title.clone().unwrap_or_default(),
                text: fault.text.clone().unwrap_or_default(),
                buttons: if fault.buttons.is_empty() {
                    vec![texts.ok.to_owned()]
                } else {
                    fault.buttons.clone()
                },
                alert: true,
                system: true,
            }),
        }
    }

    fn push_dialog(&mut self, dialog: Dialog) {
        // The same dialog twice in a row is one dialog, as on a phone.
        if self.dialog() != Some(&dialog) {
            self.focus = None;
            self.overlays.push(Overlay::Dialog(dialog));
        }
    }
}
