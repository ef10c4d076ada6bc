-- Each request lists the devices of one of BENCH_CUSTOMERS customers: `wrk -s list.lua`, with REGISTRY_API_KEY set.

local customers
local head

function init()
  local file = io.open("/dev/urandom", "rb")
  local a, b, c = file:read(3):byte(1, 3)
  file:close()
  math.randomseed((a * 256 + b) * 256 + c)
  customers = tonumber(os.getenv("BENCH_CUSTOMERS"))
  head = " HTTP/1.1\r\nHost: " .. wrk.host .. ":" .. wrk.port
    .. "\r\nX-Authorization: " .. os.getenv("REGISTRY_API_KEY") .. "\r\n\r\n"
end

function request()
  return string.format("GET %s/customers/listed-%d/devices%s", wrk.path, math.random(0, customers - 1), head)
end
