-- The fifth layout: pages of the log by any combination of account, phone and kind; see
-- crates/decorum-store/src/strands.rs.

CREATE INDEX events_kind ON interactions_events (action, status, error_class, ts);
CREATE INDEX events_account_kind
    ON interactions_events (account_id, action, status, error_class, ts);
CREATE INDEX events_device_kind
    ON interactions_events (device_id, action, status, error_class, ts)
    WHERE device_id IS NOT NULL;
CREATE INDEX events_account_device_kind
    ON interactions_events (account_id, device_id, action, status, error_class, ts)
    WHERE device_id IS NOT NULL;
-- events_kind serves what it was for
DROP INDEX events_action;
