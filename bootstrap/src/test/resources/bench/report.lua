-- Prepended to each script.

-- Each thread has its own, or all would send the same.
function seed_by_chance()
  local file = io.open("/dev/urandom", "rb")
  local seed = 0
  for _, byte in ipairs({ file:read(6):byte(1, 6) }) do
    seed = seed * 256 + byte
  end
  file:close()
  math.randomseed(seed)
end

-- Of a request line all that is behind the path, and the headers up to those that the caller adds.
function head()
  return " HTTP/1.1\r\nHost: " .. wrk.host .. ":" .. wrk.port
    .. "\r\nX-Authorization: " .. os.getenv("REGISTRY_API_KEY") .. "\r\n"
end

-- What wrk found, as one line of JSON, in seconds.
function done(summary, latency)
  io.write(string.format(
    '{"requests":%d,"seconds":%.6f,"status_errors":%d,"socket_errors":%d,"mean":%.6f,"p50":%.6f,"p90":%.6f,"p99":%.6f,"max":%.6f}\n',
    summary.requests, summary.duration / 1e6, summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency.mean / 1e6, latency:percentile(50) / 1e6, latency:percentile(90) / 1e6, latency:percentile(99) / 1e6,
    latency.max / 1e6))
end

