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

OUTCOMES: Final = _script("""
-- KEYS 1: the outcomes of a partition. ARGV 1: how far their topic must have been read, '' for not at all; 2: how far
-- it is read now; 3: '1' removes what was there; account and its outcomes, of each.
if (redis.call('HGET', KEYS[1], '') or '') ~= ARGV[1] then return 0 end
if ARGV[3] == '1' then redis.call('DEL', KEYS[1]) end
redis.call('HSET', KEYS[1], '', ARGV[2], unpack(ARGV, 4))
return 1
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

TAKE_TURN: Final = _script("""
-- KEYS 1: whose turn it is. ARGV 1: who wants it; 2: for how many ms.
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
""")

LEAVE_TURN: Final = _script("""
-- KEYS 1: whose turn it is. ARGV 1: who ends theirs.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
""")

SERVE: Final = _script("""
-- KEYS 1: a list, 2: its version. ARGV 1: version, 2: the list, left out when it is retired.
local version = redis.call('GET', KEYS[2])
if version and tonumber(version) >= tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[2], ARGV[1])
if ARGV[2] then redis.call('SET', KEYS[1], ARGV[2]) else redis.call('DEL', KEYS[1]) end
return 1
""")

PUT_AWAY: Final = _script("""
-- KEYS 1: a hash, 2: where it is kept. ARGV 1: a field, 2: the value that it must have.
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('RENAME', KEYS[1], KEYS[2])
return 1
""")

PUT_AWAY_TYPE: Final = _script("""
-- KEYS 1: a key, 2: where it is kept. ARGV 1: the type that stays, '' for none.
local found = redis.call('TYPE', KEYS[1]).ok
if found == 'none' or found == ARGV[1] then return 0 end
redis.call('RENAME', KEYS[1], KEYS[2])
return 1
""")

DROP_LOST: Final = _script("""
-- KEYS 1: a set of rows by instant, 2: rows. ARGV: ids of rows that were not there.
for _, id in ipairs(ARGV) do
  if redis.call('HEXISTS', KEYS[2], id) == 0 then redis.call('ZREM', KEYS[1], id) end
end
return 1
""")

DELIVERIES: Final = _script("""
-- KEYS 1: head of a partition of deliveries, 2: rows, 3: alerts, 4: finished, 5: counts, 6: notes; then of each
-- destination three sets, of rows by the instant when they are due, of those kept for a digest, and of looks.
-- ARGV 1: the position that the head must have, '' does not look at it; 2: the new one, or without a position 'first':
-- nothing is written unless the first row is; then of each row thirteen:
-- id, revision that it must have ('' for none), row, number of its destination, score in the first set or '', in the
-- second or '', in the third or '', in `finished` or '', alert or '', field of `counts` that goes down or '', that goes
-- up or '', field of `notes` or '', note.
-- What a script has written stays when it meets a key of another type. So each row comes after whatever may fail, and
-- the position after all rows: the same step is made again then, and nothing of it is missing.
if ARGV[1] ~= '' and redis.call('HGET', KEYS[1], 'position') ~= ARGV[1] then return false end
local function count(field, by)
  if field == '' then return end
  local counted = redis.pcall('HINCRBY', KEYS[5], field, by)
  if type(counted) == 'table' then redis.call('HSET', KEYS[5], field, math.max(by, 0)) end  -- was no number
end
local written = {}
for i = 3, #ARGV, 13 do
  local id, there = ARGV[i], redis.call('HGET', KEYS[2], ARGV[i])
  local revision = there and string.match(there, '^%d+') or ''
  local sets = 4 + 3 * tonumber(ARGV[i + 3])
  if revision == ARGV[i + 1] then
    for j = 0, 2 do
      if ARGV[i + 4 + j] == '' then redis.call('ZREM', KEYS[sets + j], id)
      else redis.call('ZADD', KEYS[sets + j], ARGV[i + 4 + j], id) end
    end
    if ARGV[i + 7] == '' then redis.call('ZREM', KEYS[4], id) else redis.call('ZADD', KEYS[4], ARGV[i + 7], id) end
    if ARGV[i + 8] ~= '' then redis.call('HSET', KEYS[3], id, ARGV[i + 8]) end
    if ARGV[i + 11] ~= '' then redis.call('HSET', KEYS[6], ARGV[i + 11], ARGV[i + 12]) end
    count(ARGV[i + 9], -1)
    count(ARGV[i + 10], 1)
    redis.call('HSET', KEYS[2], id, ARGV[i + 2])
    written[#written + 1] = 1
  elseif i == 3 and ARGV[2] == 'first' then return false
  else
    written[#written + 1] = 0
  end
end
if ARGV[1] ~= '' then redis.call('HSET', KEYS[1], 'position', ARGV[2]) end
return written
""")
