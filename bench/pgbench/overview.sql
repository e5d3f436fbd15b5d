-- The counts behind the overview as the server asks for them.
SELECT status, CAST(SUM(leads) AS BIGINT) AS leads FROM lead_counters WHERE organization_id = :org GROUP BY status;
