-- Each request registers a device of a customer, both new: `wrk -s registration.lua`, with REGISTRY_API_KEY set.

-- As long as tokens of Android devices mostly are.
local TOKEN_LENGTH = 163
local filler = string.rep("x", TOKEN_LENGTH - 32)
local head

local function word()
  return math.random(0, 4294967295)
end

function init()
  local file = io.open("/dev/urandom", "rb")
  local seed = 0
  for _, byte in ipairs({ file:read(6):byte(1, 6) }) do
    seed = seed * 256 + byte
  end
  file:close()
  math.randomseed(seed)
  local body = string.format('{"devices":[{"device_type":"android","device_token":"%s"}]}', string.rep("x", TOKEN_LENGTH))
  head = " HTTP/1.1\r\nHost: " .. wrk.host .. ":" .. wrk.port
    .. "\r\nContent-Type: application/json\r\nX-Authorization: " .. os.getenv("REGISTRY_API_KEY")
    .. "\r\nContent-Length: " .. #body .. "\r\n\r\n"
end

-- By hand, since wrk.format costs more than all the rest.
function request()
  return string.format(
    'POST %s/customers/c%08x%08x/devices%s{"devices":[{"device_type":"android","device_token":"%08x%08x%08x%08x%s"}]}',
    wrk.path, word(), word(), head, word(), word(), word(), word(), filler)
end
