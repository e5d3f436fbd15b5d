//! The formulas of `groundswell_domain::limits` in Lua. They run at once (Redis runs one script at a time), on the clock of
//! the server, and everything they keep ends by itself.

use groundswell_domain::limits::{FORGET_FAILURES, FREE_FAILURES, KNOWN_PLACE, LONGEST_WAIT};
use redis::Script;

/// `ARGV`: for each key how long one takes (microseconds), and how many there are. Answers with the leads.
const TAKE: &str = r"
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local leads, free = {}, true
for i, key in ipairs(KEYS) do
  local every, window = tonumber(ARGV[2 * i - 1]), ARGV[2 * i - 1] * ARGV[2 * i]
  local full_at = tonumber(redis.call('GET', key) or now)
  leads[i] = math.min(math.max(full_at - now, 0), window)
  free = free and leads[i] + every <= window
end
if free then
  for i, key in ipairs(KEYS) do
    local lead = leads[i] + tonumber(ARGV[2 * i - 1])
    redis.call('SET', key, string.format('%.0f', now + lead), 'PX', math.ceil(lead / 1000))
  end
end
return leads";

const GIVE_BACK: &str = r"
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
for i, key in ipairs(KEYS) do
  local every, window = tonumber(ARGV[2 * i - 1]), ARGV[2 * i - 1] * ARGV[2 * i]
  local full_at = tonumber(redis.call('GET', key) or now)
  local lead = math.min(math.max(full_at - now, 0), window) - every
  if lead > 0 then
    redis.call('SET', key, string.format('%.0f', now + lead), 'PX', math.ceil(lead / 1000))
  else
    redis.call('DEL', key)
  end
end
return 0";

/// `KEYS`: whether the place is known, the failures of strangers, those of this place. Answers with the microseconds to wait.
const BEGIN_TRY: &str = r"
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local free, longest, forget = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local key = redis.call('EXISTS', KEYS[1]) == 1 and KEYS[3] or KEYS[2]
local kept = redis.call('HMGET', key, 'count', 'open_at')
local wait = tonumber(kept[2] or 0) - now
if wait > 0 then return math.min(wait, longest) end
local count, next = tonumber(kept[1] or 0) + 1, 0
if count > free then next = math.min(longest, 2 ^ math.min(count - free, 40) * 1000000) end
redis.call('HSET', key, 'count', count, 'open_at', string.format('%.0f', now + next))
redis.call('PEXPIRE', key, forget)
return 0";

/// `ARGV`: 1 when it was right, else 0; for how long the place is known then.
const END_TRY: &str = r"
local key = redis.call('EXISTS', KEYS[1]) == 1 and KEYS[3] or KEYS[2]
if ARGV[1] == '1' then
  redis.call('DEL', key)
  redis.call('SET', KEYS[1], 1, 'PX', ARGV[2])
elseif redis.call('EXISTS', key) == 1 then
  redis.call('HSET', key, 'open_at', 0)
  if redis.call('HINCRBY', key, 'count', -1) < 0 then redis.call('DEL', key) end
end
return 0";

pub(super) struct Scripts {
    pub take: Script,
    pub give_back: Script,
    pub begin_try: Script,
    pub end_try: Script,
}

impl Default for Scripts {
    fn default() -> Self {
        Self {
            take: Script::new(TAKE),
            give_back: Script::new(GIVE_BACK),
            begin_try: Script::new(BEGIN_TRY),
            end_try: Script::new(END_TRY),
        }
    }
}

/// What [`BEGIN_TRY`] is told: count, microseconds, milliseconds.
pub(super) fn backoff_arguments() -> [u128; 3] {
    [
        u128::from(FREE_FAILURES),
        LONGEST_WAIT.as_micros(),
        FORGET_FAILURES.as_millis(),
    ]
}

pub(super) fn known_millis() -> u128 {
    KNOWN_PLACE.as_millis()
}
