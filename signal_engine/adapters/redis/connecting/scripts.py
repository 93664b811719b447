"""The scripts that run inside the server. Each is atomic: no other command runs in between."""

from hashlib import sha1
from typing import Final, NamedTuple


class Script(NamedTuple):
    """A Lua script and the name by which the server knows it once it has seen it."""

    text: str
    sha: str


def _script(text: str) -> Script:
    return Script(text, sha1(text.encode(), usedforsecurity=False).hexdigest())


CLOSE: Final = _script("""
-- The end of a transaction, inside MULTI and EXEC. KEYS 1: head of the partition; the others: the keys that it wrote.
-- ARGV: of each key but the head how its mark is read, and what it must be; which key holds the counts, and how many
-- arguments they have; counter name and what is added, of each; fields and values of the head.
-- What is not as it must be leaves `open` in the head, and with it the transaction unfinished.
-- Numbers that decide are compared as text: Lua's own are exact to 2^53 only.
for i = 2, #KEYS do
  local key, found = KEYS[i], nil
  if ARGV[2 * i - 3] == 'XINFO' then
    found = redis.pcall('XINFO', 'STREAM', key)
    for j = 1, #found, 2 do if found[j] == 'entries-added' then found = found[j + 1] break end end
  else
    found = redis.pcall(ARGV[2 * i - 3], key, '\\255mark')
  end
  if type(found) == 'table' then return {'damaged', key, found.err or 'it has no mark'} end
  if tostring(found) ~= ARGV[2 * i - 2] then return {'damaged', key, ''} end
end
local counts = 2 * #KEYS + 1
local key, head = KEYS[tonumber(ARGV[counts - 2])], counts + tonumber(ARGV[counts - 1])
for i = counts, head - 1, 2 do
  local added = redis.pcall('HINCRBY', key, ARGV[i], ARGV[i + 1])
  if type(added) == 'table' then return {'damaged', key, added.err} end
end
redis.call('HSET', KEYS[1], unpack(ARGV, head))
redis.call('HDEL', KEYS[1], 'open')
return {'applied'}
""")

REFRESH: Final = _script("""
-- KEYS 1: ranks, 2: states. ARGV, five each: account, bound read, '1' if it had a state, that state, bound or ''.
-- The key that is of another type is named, with what the server says of it: both were read before, as ours.
local function damaged(reply, key)
  if string.sub(reply.err, 1, 9) == 'WRONGTYPE' then return {key, reply.err} end
  return reply
end
local written = 0
for i = 1, #ARGV, 5 do
  local bound = redis.pcall('ZSCORE', KEYS[1], ARGV[i])
  if type(bound) == 'table' then return damaged(bound, KEYS[1]) end
  if bound and tonumber(bound) == tonumber(ARGV[i + 1]) then
    local state = redis.pcall('HGET', KEYS[2], ARGV[i])
    if type(state) == 'table' then return damaged(state, KEYS[2]) end
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
