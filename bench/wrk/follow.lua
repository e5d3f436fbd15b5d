-- Opens mails and follows links: each thread goes through its part of a file with one path a line.
-- wrk ... -s follow.lua URL -- FILE
require("report")
done = report

local threads = 0
function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

function init(arguments)
  paths = {}
  for line in io.lines(arguments[1]) do
    paths[#paths + 1] = line
  end
  -- Every thread begins elsewhere.
  place = number * 7919
  wrk.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
  wrk.headers["Accept-Language"] = "de"
end

function request()
  place = place + 1
  return wrk.format(nil, paths[place % #paths + 1])
end
