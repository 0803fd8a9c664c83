-- One annotation of the object changes with each request.
local count = 0
wrk.method = "PATCH"
wrk.headers["Content-Type"] = "application/merge-patch+json"
request = function()
    count = count + 1
    return wrk.format(nil, nil, nil,
                      '{"metadata":{"annotations":{"bench":"' .. count .. '"}}}')
end
