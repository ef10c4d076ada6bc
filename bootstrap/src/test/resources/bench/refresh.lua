-- Each request registers the device of one of BENCH_CUSTOMERS customers again: `wrk -s refresh.lua`, with REGISTRY_API_KEY
-- set. The devices are those that the benchmark registered before.

local filler = string.rep("x", 140)
local customers
local head

function init()
  local file = io.open("/dev/urandom", "rb")
  local a, b, c = file:read(3):byte(1, 3)
  file:close()
  math.randomseed((a * 256 + b) * 256 + c)
  customers = tonumber(os.getenv("BENCH_CUSTOMERS"))
  head = " HTTP/1.1\r\nHost: " .. wrk.host .. ":" .. wrk.port
    .. "\r\nContent-Type: application/json\r\nX-Authorization: " .. os.getenv("REGISTRY_API_KEY") .. "\r\nContent-Length: "
end

function request()
  local customer = math.random(0, customers - 1)
  local body = string.format(
    '{"devices":[{"device_type":"android","device_token":"known-%d-%s"}]}', customer, filler)
  return string.format("POST %s/customers/known-%d/devices%s%d\r\n\r\n%s", wrk.path, customer, head, #body, body)
end
