-- Prepended to each script: what wrk found, as one line of JSON, in seconds.
function done(summary, latency)
  io.write(string.format(
    '{"requests":%d,"seconds":%.6f,"status_errors":%d,"socket_errors":%d,"mean":%.6f,"p50":%.6f,"p90":%.6f,"p99":%.6f,"max":%.6f}\n',
    summary.requests, summary.duration / 1e6, summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency.mean / 1e6, latency:percentile(50) / 1e6, latency:percentile(90) / 1e6, latency:percentile(99) / 1e6,
    latency.max / 1e6))
end

