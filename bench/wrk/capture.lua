-- Posts a form. Every address is new: a number counted by each thread, under a tag that is new in every run.
-- wrk ... -s capture.lua URL -- TAG
require("report")
done = report

local threads = 0
function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

function init(arguments)
  tag = arguments[1]
  count = 0
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
end

function request()
  count = count + 1
  return wrk.format(nil, nil, nil, string.format(
    '{"name":"Ada Lovelace","email":"%s-%d-%d@example.com","phone":"+44 20 7946 0000","company":"Analytical Engines","utm_source":"bench"}',
    tag, number, count))
end
