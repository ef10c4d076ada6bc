-- Each request registers the device of one of BENCH_CUSTOMERS customers again: `wrk -s refresh.lua`, with REGISTRY_API_KEY
-- set. The devices are those that the benchmark registered before.

local filler = string.rep("x", 140)
local customers = tonumber(os.getenv("BENCH_CUSTOMERS"))
local behind_path

function init()
  seed_by_chance()
  behind_path = head() .. "Content-Type: application/json\r\nContent-Length: "
end

function request()
  local customer = math.random(0, customers - 1)
  local body = string.format(
    '{"devices":[{"device_type":"android","device_token":"known-%d-%s"}]}', customer, filler)
  return string.format("POST %s/customers/known-%d/devices%s%d\r\n\r\n%s", wrk.path, customer, behind_path, #body, body)
end
