-- Each request lists the devices of one of BENCH_CUSTOMERS customers: `wrk -s list.lua`, with REGISTRY_API_KEY set.

local customers = tonumber(os.getenv("BENCH_CUSTOMERS"))
local behind_path

function init()
  seed_by_chance()
  behind_path = head() .. "\r\n"
end

function request()
  return string.format("GET %s/customers/listed-%d/devices%s", wrk.path, math.random(0, customers - 1), behind_path)
end
