-- Behind registration.lua: callers who pause for BENCH_PAUSE milliseconds on average after each answer, whatever it is, and
-- so ask on, as many as they are, while the service refuses.

local threads = {}
local pause = tonumber(os.getenv("BENCH_PAUSE"))

accepted = 0
refused = 0
failed = 0

function setup(thread)
  table.insert(threads, thread)
end

if pause > 0 then
  -- Spread, lest all ask at once.
  function delay()
    return math.random(0, 2 * pause)
  end
end

function response(status, headers)
  if status == 200 or status == 201 then
    accepted = accepted + 1
  elseif status == 503 and headers["retry-after"] then
    refused = refused + 1
  else
    failed = failed + 1
  end
end

-- What was slowest is taken for accepted, so a hundredth of that was as slow as this at the most.
function done(summary, latency)
  local sum = { accepted = 0, refused = 0, failed = 0 }
  for _, thread in ipairs(threads) do
    for name, count in pairs(sum) do
      sum[name] = count + thread:get(name)
    end
  end
  io.write(string.format(
    '{"accepted":%d,"refused":%d,"failed":%d,"seconds":%.6f,"socket_errors":%d,"p99":%.6f}\n',
    sum.accepted, sum.refused, sum.failed, summary.duration / 1e6,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(100 - sum.accepted / math.max(summary.requests, 1)) / 1e6))
end
