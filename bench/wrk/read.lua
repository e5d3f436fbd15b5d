-- Asks for the same thing again and again; the headers come from the command line.
require("report")
done = report
