-- Each request registers a device of a customer, both new: `wrk -s registration.lua`, with REGISTRY_API_KEY set.

-- As long as tokens of Android devices mostly are.
local TOKEN_LENGTH = 163
local filler = string.rep("x", TOKEN_LENGTH - 32)
local behind_path

local function word()
  return math.random(0, 4294967295)
end

function init()
  seed_by_chance()
  local body = string.format('{"devices":[{"device_type":"android","device_token":"%s"}]}', string.rep("x", TOKEN_LENGTH))
  behind_path = head() .. "Content-Type: application/json\r\nContent-Length: " .. #body .. "\r\n\r\n"
end

-- By hand, since wrk.format costs more than all the rest.
function request()
  return string.format(
    'POST %s/customers/c%08x%08x/devices%s{"devices":[{"device_type":"android","device_token":"%08x%08x%08x%08x%s"}]}',
    wrk.path, word(), word(), behind_path, word(), word(), word(), word(), filler)
end
