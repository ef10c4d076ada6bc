-- Each request tells the provider of a device as the service does: `wrk -s delivery.lua`, with REGISTRY_API_KEY set.

local TOKEN = string.rep("x", 163)
local head
local tail
local customer = 0

function init()
  local body = string.format('{"devices":[{"device_type":"android","device_token":"%s"}]}', TOKEN)
  head = "POST " .. wrk.path .. "/customers/told-"
  tail = "/devices HTTP/1.1\r\nHost: " .. wrk.host .. ":" .. wrk.port
    .. "\r\nContent-Type: application/json\r\nAccept: application/json\r\nUser-Agent: wrk\r\nX-Authorization: "
    .. os.getenv("REGISTRY_API_KEY") .. "\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
end

function request()
  customer = customer + 1
  return head .. customer .. tail
end
