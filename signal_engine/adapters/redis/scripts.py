"""The scripts that run inside the server. Each is atomic: no other command runs in between."""

from hashlib import sha1
from typing import Final, NamedTuple


class Script(NamedTuple):
    """A Lua script and the name by which the server knows it once it has seen it."""

    text: str
    sha: str


def _script(text: str) -> Script:
    return Script(text, sha1(text.encode(), usedforsecurity=False).hexdigest())


STEP: Final = _script("""
-- KEYS 1: head of the partition; the others are named by number in the writes.
-- ARGV 1: counter, 2: number of topics read, of each the field of its position, start, end; then the writes, each of
--      them command, number of its key, arguments a call, number of arguments, arguments.
-- Three are no commands of the server. 'MAX': field and number, written if none or a lower one is there. The others
-- are of a list for each account, named by the key and the account (all of it in the slot of the hash tag): 'LATEST'
-- puts account, number of values, values there, of which as many stay as arguments a call; 'FORGET' removes accounts.
-- Numbers that decide are compared as text: Lua's own are exact to 2^53 only.
local head = KEYS[1]
local counter = redis.call('HGET', head, 'counter') or '0'
if counter ~= ARGV[1] then return {'stale_counter', counter} end
local writes = 3 + 3 * tonumber(ARGV[2])
for i = 3, writes - 1, 3 do
  local at = redis.call('HGET', head, ARGV[i])
  if at and at ~= ARGV[i + 1] then return {'stale_position', counter} end
end
-- The first write is one that a full server refuses: it refuses no later one of a script that has written.
counter = redis.call('HINCRBY', head, 'counter', 1)
for i = 3, writes - 1, 3 do redis.call('HSET', head, ARGV[i], ARGV[i + 2]) end
local i = writes
while i <= #ARGV do
  local command, key, width = ARGV[i], KEYS[tonumber(ARGV[i + 1])], tonumber(ARGV[i + 2])
  local first, last = i + 4, i + 3 + tonumber(ARGV[i + 3])
  if command == 'LATEST' then
    while first <= last do
      local list, number = key .. ARGV[first], tonumber(ARGV[first + 1])
      if redis.call('LPUSH', list, unpack(ARGV, first + 2, first + 1 + number)) > width then
        redis.call('LTRIM', list, 0, width - 1)
      end
      first = first + 2 + number
    end
  elseif command == 'FORGET' then
    for account = first, last do redis.call('DEL', key .. ARGV[account]) end
    first = last + 1
  end
  while first <= last do
    if command == 'MAX' then
      local old = redis.call('HGET', key, ARGV[first])
      if not old or tonumber(old) < tonumber(ARGV[first + 1]) then
        redis.call('HSET', key, ARGV[first], ARGV[first + 1])
      end
    else
      redis.call(command, key, unpack(ARGV, first, math.min(first + width - 1, last)))
    end
    first = first + width
  end
  i = last + 1
end
return {'applied', counter}
""")

REFRESH: Final = _script("""
-- KEYS 1: ranks, 2: states. ARGV, five each: account, bound read, '1' if it had a state, that state, bound or ''.
local written = 0
for i = 1, #ARGV, 5 do
  local bound = redis.call('ZSCORE', KEYS[1], ARGV[i])
  if bound and tonumber(bound) == tonumber(ARGV[i + 1]) then
    local state = redis.call('HGET', KEYS[2], ARGV[i])
    if (state and ARGV[i + 2] == '1' and state == ARGV[i + 3]) or (not state and ARGV[i + 2] ~= '1') then
      written = written + 1
      if ARGV[i + 4] == '' then
        redis.call('ZREM', KEYS[1], ARGV[i])
      else
        redis.call('ZADD', KEYS[1], ARGV[i + 4], ARGV[i])
      end
    end
  end
end
return written
""")

# The marks. KEYS 1: the generation served, 2: the document of the one being built, 3: those to be dropped.
SWAP: Final = _script("""
-- ARGV 1: the generation that must be served, '' for none; 2: the new one.
if redis.call('EXISTS', KEYS[2]) == 1 or (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
""")

BEGIN: Final = _script("""
-- ARGV 1: the generation that must be served, '' for none; 2: the document of the one to be built.
if redis.call('EXISTS', KEYS[2]) == 1 or (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2])
return 1
""")

FINISH: Final = _script("""
-- ARGV 1: the document of the one that must be being built; 2: its number.
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
local old = redis.call('GET', KEYS[1])
redis.call('SET', KEYS[1], ARGV[2])
redis.call('DEL', KEYS[2])
if old then redis.call('SADD', KEYS[3], old) end
return 1
""")

GIVE_UP: Final = _script("""
-- As above.
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('SADD', KEYS[3], ARGV[2])
redis.call('DEL', KEYS[2])
return 1
""")

REPLACE: Final = _script("""
-- KEYS 1: a document. ARGV 1: the new one; 2: the one that must be there, left out for none.
if (redis.call('GET', KEYS[1]) or nil) ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
return 1
""")

SERVE: Final = _script("""
-- KEYS 1: a list, 2: its version. ARGV 1: version, 2: the list, left out when it is retired.
local version = redis.call('GET', KEYS[2])
if version and tonumber(version) >= tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[2], ARGV[1])
if ARGV[2] then redis.call('SET', KEYS[1], ARGV[2]) else redis.call('DEL', KEYS[1]) end
return 1
""")
