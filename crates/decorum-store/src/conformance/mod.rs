//! One suite that every keeper passes, written against the contract only.
//!
//! One file per capability. A keeper gives [`every_case!`] a function that makes an empty store;
//! the macro turns every case into a test of its own, so that a failure names the promise broken.

pub(crate) mod admin;
pub(crate) mod alerts;
pub(crate) mod arrange;
pub(crate) mod breaker;
pub(crate) mod budget;
pub(crate) mod candidates;
pub(crate) mod chain;
pub(crate) mod claim;
pub(crate) mod cleanup;
pub(crate) mod commit;
pub(crate) mod devices;
pub(crate) mod events;
pub(crate) mod fleet;
pub(crate) mod forget;
pub(crate) mod import;
pub(crate) mod lapse;
pub(crate) mod lease;
pub(crate) mod meanwhile;
pub(crate) mod metrics;
pub(crate) mod observe;
pub(crate) mod reconcile;
pub(crate) mod settings;
pub(crate) mod suppression;
pub(crate) mod tasks;
pub(crate) mod tokens;

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
            meanwhile {
                settings_changed_before_the_outcome_hold_for_it,
                a_person_suppressed_after_an_outcome_is_not_claimed,
                a_person_erased_after_an_outcome_is_never_engaged_again,
                an_account_halted_before_the_outcome_stays_halted,
                a_rest_that_another_client_reported_is_kept,
                a_person_whom_another_client_engaged_is_refused,
                a_claim_that_lapsed_before_the_outcome_is_reported_late,
                a_lease_extended_after_a_claim_counts,
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
            import {
                what_is_imported_is_on_record_as_it_happened,
                importing_again_adds_nothing,
                the_same_twice_in_one_step_counts_once,
                the_window_begins_when_it_happened,
                a_window_long_over_is_on_record_and_refuses_nobody,
                a_longer_window_is_not_shortened,
                what_came_after_is_not_hidden_by_what_was_long_over,
                a_shorter_window_grows,
                a_live_claim_stays_its_holders,
                the_account_is_as_free_as_before,
                a_resting_account_rests_on,
                several_accounts_and_actions_fit_in_one_step,
                engaging_goes_on_after_an_import,
                an_erroneous_future_does_not_come_true,
                a_thousand_are_one_step_and_no_more_are_taken,
                two_importing_the_same_put_it_on_record_once,
                an_import_after_a_cleanup_is_no_alarm,
                a_row_that_an_import_lengthened_may_go,
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
                no_fleet_gets_past_its_cap,
                what_a_fleet_gives_back_is_free_again,
                a_new_cap_of_a_fleet_counts_what_was_done,
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
                the_list_has_names_first_and_no_name_of_an_erased_person,
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
            cleanup {
                a_row_that_told_of_a_failure_since_a_success_may_go,
                a_row_goes_once_its_window_ends_at_the_exact_instant,
                each_row_has_a_window_of_its_own,
                a_row_without_a_window_goes_after_a_day,
                what_somebody_holds_stays_however_old,
                fences_grow_over_a_cleanup,
                events_are_kept_unless_somebody_says_how_long,
                the_oldest_events_go_and_the_rest_still_verifies,
                the_newest_event_of_an_account_stays,
                a_row_outlives_the_event_it_came_from,
                a_dry_run_counts_all_and_changes_nothing,
                many_steps_are_noted_as_one_cleanup,
                the_next_cleanup_is_noted_as_another,
                rows_go_in_steps_until_none_is_left,
                two_cleaning_at_once_remove_each_thing_once,
                engaging_goes_on_beside_a_cleanup,
                a_claim_whose_event_is_gone_is_not_known_any_more,
                counts_survive_a_cleanup,
                the_stored_settings_say_how_long,
                imported_history_is_cleaned_up_where_it_stands,
            }
            forget {
                a_forgotten_person_is_nowhere,
                a_forgotten_person_is_never_engaged,
                somebody_never_heard_of_can_be_forgotten,
                forgetting_is_noted_without_the_name,
                forgetting_twice_is_forgetting_once,
                what_comes_later_is_recorded_without_the_name,
                nobody_is_forgotten_while_somebody_acts_on_them,
                a_claim_in_doubt_is_settled_first,
                only_that_person_is_forgotten,
                an_account_of_that_name_keeps_it,
                racing_to_forget_erases_once,
                forgetting_and_claiming_at_once_leaves_no_name,
                a_forgotten_person_survives_a_cleanup,
                imported_history_of_a_forgotten_person_has_no_name,
            }
            metrics {
                an_empty_log_counts_nothing,
                totals_are_what_happened,
                any_stretch_of_time_counts_what_is_in_it,
                a_stretch_that_ends_before_it_begins_counts_nothing,
                what_is_counted_once_is_not_counted_again,
                counting_goes_on_while_others_write,
                a_cut_through_what_was_cleaned_up_moves_to_the_hour,
            }
            tasks {
                a_task_is_kept_as_it_was_submitted,
                the_people_of_a_list_are_its_candidates,
                submitting_twice_is_submitting_once,
                what_cannot_work_is_refused_and_changes_nothing,
                tasks_queue_up_behind_each_other,
                a_change_needs_the_rev_it_was_based_on,
                one_of_many_racing_changes_wins,
                an_account_runs_one_task_at_a_time,
                what_ended_has_ended,
                open_tasks_are_those_that_have_not_ended,
                pages_of_tasks_have_no_gaps_and_no_repeats,
                what_people_do_to_tasks_is_noted,
                a_scheduled_task_makes_one_copy_for_each_time,
            }
            candidates {
                people_and_the_place_of_the_crawl_go_together,
                each_person_is_on_the_list_once,
                two_tasks_have_their_own_lists,
                a_worker_whose_task_passed_on_changes_nothing,
                what_became_of_people_goes_with_the_progress,
                a_wish_that_came_meanwhile_is_told_at_the_checkpoint,
                many_adding_at_once_lose_nobody,
                a_step_has_a_largest_size,
                a_forgotten_person_is_no_candidate_any_more,
                forgetting_the_source_ends_the_task,
                tasks_that_ended_long_ago_are_cleaned_up,
            }
            devices {
                a_phone_is_kept_as_it_was_added,
                a_change_of_a_phone_needs_the_rev_it_was_based_on,
                what_people_do_to_phones_is_noted_without_passwords,
                a_phone_that_was_removed_can_be_added_again,
                a_phone_that_cannot_work_is_refused,
            }
            alerts {
                a_trouble_is_raised_once_until_it_is_closed,
                many_raising_one_trouble_raise_it_once,
                pages_of_alerts_have_no_gaps_and_no_repeats,
                what_stands_is_what_is_open_and_what_ended_since,
                an_alert_loses_what_it_says_of_a_forgotten_person,
            }
            tokens {
                a_token_is_found_by_the_hash_of_its_secret,
                a_revoked_token_is_still_known_and_says_since_when,
                a_name_is_given_out_once,
                racing_for_a_name_has_one_winner,
                a_use_is_remembered_and_brings_nothing_back,
                tokens_are_noted_without_their_hash,
            }
            admin {
                the_log_of_changes_is_read_page_by_page,
                what_people_change_is_noted_newest_first,
                a_change_of_settings_is_noted_with_what_differs,
                the_store_says_what_it_is,
                after_closing_nothing_is_answered,
            }
        }
    };
}
pub(crate) use every_case;
