-- history_all: every sample once, loaded or not. It needs no list of loaded days, so it is right at 00:05 UTC, after a
-- load that failed, and for events that arrive after their day was loaded: a sample's identity is (refinery, kks, ts),
-- a loaded copy is preferred, and copies in the raw chunks are one. day, kks and ts are grouped by, so a predicate on
-- them reaches both branches: on day it prunes partitions of history, on ts it skips row groups of the chunks.
-- Days long closed are cheaper from history itself, which holds no raw chunk to look through.

CREATE OR REPLACE VIEW history_all AS
SELECT kks, ts,
       CASE WHEN max(loaded) = 1 THEN min(CASE WHEN loaded = 1 THEN v END) ELSE min(v) END AS v,
       CASE WHEN max(loaded) = 1 THEN min(CASE WHEN loaded = 1 THEN q END) ELSE min(q) END AS q,
       refinery, day
FROM (SELECT kks, ts, v, q, refinery, day, 1 AS loaded FROM history
      UNION ALL
      SELECT kks, ts, v, q, refinery, date_format(ts, 'yyyy-MM-dd') AS day, 0 AS loaded FROM history_raw) AS samples
GROUP BY refinery, day, kks, ts;

CREATE OR REPLACE VIEW current_signals AS
SELECT refinery, kks, description, unit, kind, role, zone, equipment, loop, plc, address,
       low, high, ll, l, h, hh, scan_s, heartbeat_s, deadband, decimals, priority, valid_from, valid_to
FROM signals
WHERE valid_to IS NULL;
