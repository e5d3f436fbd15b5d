//! Where rate limits are counted: in this process, or in a Redis that all processes share.
//!
//! The formulas are the domain's; [`MemoryLimiter`] uses them directly, the scripts of [`RedisLimiter`] say the same in Lua.
//! One contract suite (`testkit`) holds the two together.

mod memory;
mod redis;

pub use memory::MemoryLimiter;
pub use redis::{RedisLimiter, RedisOptions, check_redis};
