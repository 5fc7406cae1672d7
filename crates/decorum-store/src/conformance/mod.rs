//! One suite that every keeper passes, written against the contract only.
//!
//! One file per capability. A keeper gives [`every_case!`] a function that makes an empty store;
//! the macro turns every case into a test of its own, so that a failure names the promise broken.

pub(crate) mod admin;
pub(crate) mod arrange;
pub(crate) mod breaker;
pub(crate) mod budget;
pub(crate) mod chain;
pub(crate) mod claim;
pub(crate) mod commit;
pub(crate) mod events;
pub(crate) mod fleet;
pub(crate) mod lapse;
pub(crate) mod lease;
pub(crate) mod observe;
pub(crate) mod reconcile;
pub(crate) mod settings;
pub(crate) mod suppression;

/// One `#[tokio::test]` per case, each on a store of its own made by `$empty_store`: a function
/// that returns an [`arrange::Opener`] and something to keep until the case ends.
macro_rules! cases {
    ($empty_store:path: $($capability:ident { $($case:ident),+ $(,)? })+) => {
        $(mod $capability {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $case() {
                let (open, _kept) = $empty_store();
                let bench = $crate::conformance::arrange::Bench::new(open);
                $crate::conformance::$capability::$case(bench).await;
            })+
        })+
    };
}
pub(crate) use cases;

/// All cases there are, for the keeper whose empty stores `$empty_store` makes.
macro_rules! every_case {
    ($empty_store:path) => {
        $crate::conformance::cases! { $empty_store:
            claim {
                one_key_is_granted_once,
                two_clients_racing_have_one_winner,
                many_tasks_racing_have_one_winner,
                asking_twice_with_one_id_is_asking_once,
                a_settled_claim_is_never_granted_again,
                one_id_is_not_for_two_people,
                the_window_ends_at_the_exact_instant,
                a_clock_set_back_ends_no_window,
                a_refused_claim_stores_nothing,
                fences_only_grow,
                a_claim_keeps_what_it_was_given,
                check_says_what_claim_does,
            }
            commit {
                an_outcome_is_recorded_with_all_it_says,
                reporting_twice_changes_nothing,
                racing_reports_record_one_event,
                an_unknown_claim_is_an_error,
                a_report_about_somebody_else_is_refused,
                a_late_report_touches_nobodys_claim,
                a_late_success_still_closes_the_window,
                a_claim_given_back_can_be_claimed_at_once,
                the_error_history_keeps_the_newest_hundred,
                the_largest_of_everything_fits,
            }
            observe {
                a_refusal_changes_only_the_log,
                a_private_page_is_left_alone_for_a_week,
                what_was_seen_does_not_touch_a_live_claim,
                a_thousand_are_one_step_and_no_more_are_taken,
                observing_the_same_event_twice_is_observing_it_once,
                several_accounts_fit_in_one_step,
            }
            reconcile {
                seen_done_counts_as_engaged,
                a_holder_who_looked_may_repeat_its_report,
                seen_undone_frees_the_person_but_not_the_budget,
                what_nobody_can_tell_counts_as_engaged,
                settling_twice_changes_nothing,
                the_holders_own_report_wins_if_first,
                a_live_claim_is_its_holders_to_settle,
                racing_looks_record_one_event,
            }
            lapse {
                a_claim_is_in_doubt_from_the_exact_instant,
                a_dead_holders_claim_is_in_doubt_at_once,
                only_the_named_accounts_claims_lapse,
                a_doubt_is_not_freed_by_time,
                doubts_come_oldest_first,
            }
            breaker {
                a_rate_limit_rests_the_account_to_the_exact_instant,
                one_probe_is_let_through_after_a_backoff,
                a_probe_that_fails_rests_longer,
                three_in_a_row_cool_down,
                a_challenge_halts_until_a_person_clears_it,
                trouble_met_outside_an_engagement_counts,
            }
            budget {
                no_crowd_gets_past_a_cap,
                a_cap_opens_again_after_the_hour,
                two_acts_keep_their_distance,
                quiet_hours_refuse,
            }
            fleet {
                in_fleet_scope_a_person_is_engaged_by_one_account,
                in_account_scope_each_account_counts_its_own,
                two_accounts_racing_for_one_person_have_one_winner,
            }
            lease {
                one_of_a_crowd_gets_it,
                a_lapsed_lease_passes_on_with_a_larger_fence,
                a_dead_holder_is_not_waited_for,
                a_stale_fence_neither_extends_nor_releases,
                its_holder_extends_and_releases_it,
                an_account_is_claimed_only_by_its_lease_holder,
            }
            settings {
                the_first_ones_hold_until_somebody_changes_them,
                a_change_needs_the_version_it_was_based_on,
                one_of_two_racing_changes_wins,
                a_change_reaches_every_client_at_once,
            }
            suppression {
                a_suppressed_person_is_never_engaged,
                adding_twice_adds_once,
            }
            events {
                every_filter_returns_what_matches,
                pages_have_no_gaps_and_no_repeats,
                paging_is_steady_while_others_append,
                from_is_inclusive_and_to_is_not,
                a_cursor_from_elsewhere_is_refused,
                a_page_has_a_largest_size,
            }
            chain {
                every_event_follows_the_one_before,
                a_crowd_of_writers_makes_whole_chains,
                a_chain_is_read_from_any_place,
            }
            admin {
                what_people_change_is_noted_newest_first,
                a_change_of_settings_is_noted_with_what_differs,
                the_store_says_what_it_is,
                after_closing_nothing_is_answered,
            }
        }
    };
}
pub(crate) use every_case;
