# SPDX-License-Identifier: BSD-2-Clause
"""bench.tsv, bench.html and bench.md from what run has measured."""
import html
import os
import platform
import re
import shutil
import subprocess
import time

WHAT = {
    "W1": "transfer: 2 reads, 2 updates with version check, 1 insert, "
          "1 update elsewhere, commit",
    "W2": "insert 20,000, keys assigned, one unit",
    "W2g": "insert 20,000, keys generated and known afterwards",
    "W3": "load 20,000, change one column of each, versions checked",
    "W4": "read 200,000 rows into structs",
    "W5": "20,000 gets by key, one unit",
    "W5i": "the same again, from the identity map",
    "W6": "transfers, 8 threads on 4 connections",
    "W7": "10,000 empty units",
    "W8": "transfers on tables in memory",
}
PACKAGES = """unixodbc libsqliteodbc libsqlite3-0 odbc-postgresql postgresql-15
libpq5 odbc-mariadb mariadb-server-core libmariadb3 libvirtodbc0
virtuoso-opensource-7-bin libsoci-core4.0 libpocodata80 libqt5sql5-odbc libzdb11
python3-pyodbc python3-sqlalchemy python3-psycopg2 python3-mysqldb
gcc""".split()


def versions():
    found = []
    for package in PACKAGES:
        r = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package],
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                           text=True) if shutil.which("dpkg-query") else None
        if r and r.returncode == 0 and r.stdout:
            found.append((package, r.stdout))
    return found


def machine(bench, took):
    model = ""
    try:
        with open("/proc/cpuinfo") as f:
            model = re.search(r"model name\s*: (.*)", f.read()).group(1)
    except (OSError, AttributeError):
        pass
    pinned = ("all on processor %d" % bench.pinned
              if bench.pinned is not None else "not pinned")
    return ("%s, %d processors, %s, Linux %s; %s; %d runs of each, medians; "
            "%d:%02d minutes, load %.0f, %s" % (
                model or platform.machine(), os.cpu_count(), pinned,
                platform.release(), "quick: a tenth of the work"
                if bench.quick else "servers on loopback without fsync",
                bench.runs, took // 60, took % 60, os.getloadavg()[2],
                time.strftime("%Y-%m-%d")))


def ratio(bench, name, workload, label):
    base = bench.cells.get(("hand", workload, label))
    cell = bench.cells.get((name, workload, label))
    if not base or not cell or not base.median() or not cell.median():
        return None
    return cell.median() / base.median()


def number(x):
    if x is None:
        return "–"
    return "%.0f" % x if x >= 10 else "%.2f" % x


def write_tsv(bench, path):
    median = lambda values: sorted(values)[len(values) // 2] if values else 0
    with open(path, "w") as f:
        f.write("peer\tworkload\tdbms\truns\tseconds\tleast\tmost\tratio\t"
                "cpu_seconds\tpeak_kib\ttrips_per_n\tcalls_per_n\tstate\n")
        for (name, workload, label), c in bench.cells.items():
            if not c.seconds and not c.void:
                continue
            r = ratio(bench, name, workload, label)
            f.write("\t".join([
                name, workload, label, str(len(c.seconds)),
                "%.6f" % (c.median() or 0), "%.6f" % min(c.seconds or [0]),
                "%.6f" % max(c.seconds or [0]),
                "%.3f" % r if r else "-", "%.3f" % median(c.cpu),
                str(median(c.memory)),
                "%.4f" % c.trips if c.trips is not None else "-",
                "%.3f" % c.calls if c.calls is not None else "-",
                "void: " + c.void if c.void else "ok"]) + "\n")


def labels(bench):
    found = []
    for _, _, label in bench.cells:
        if label not in found:
            found.append(label)
    return found


def columns(bench, label):
    found = []
    for _, workload, other in bench.cells:
        if other == label and workload not in found:
            found.append(workload)
    return sorted(found)


def rows(bench, peers, label):
    return [p.name for p in peers
            if any(k[0] == p.name and k[2] == label for k in bench.cells)]


def table(bench, peers, label, value, caption):
    """value(cell, name, workload) -> text; "" where there is nothing."""
    workloads = columns(bench, label)
    out = ["<table><caption>%s</caption><tr><th>peer" % html.escape(caption)]
    out += ["<th title='%s'>%s" % (html.escape(WHAT.get(w, "")), w)
            for w in workloads]
    filled = False
    for name in rows(bench, peers, label):
        line = []
        for w in workloads:
            cell = bench.cells.get((name, w, label))
            text = value(cell, name, w) if cell else ""
            if cell and cell.void:
                text = "<abbr title='%s'>void</abbr>" % html.escape(
                    cell.void, quote=True)
            filled = filled or bool(text)
            line.append("<td>" + (text or "–"))
        out.append("<tr%s><th>%s%s" % (
            " class=ours" if name.startswith("uow") else "", name,
            "".join(line)))
    out.append("</table>")
    return "\n".join(out) if filled else ""


def spread(cell, runs):
    """And of how many runs, where a slow peer has had fewer."""
    out = ""
    if len(cell.seconds) > 1:
        out = " ±%.0f%%" % (50 * (max(cell.seconds) - min(cell.seconds)) /
                            cell.median())
    if len(cell.seconds) < runs:
        out += " of %d" % len(cell.seconds)
    return out and " <small>%s</small>" % out.strip()


def wall(bench, label):
    # With longer round trips there is one run, with fsync there are three.
    runs = (1 if "ms" in label else min(3, bench.runs) if "+" in label else
            bench.runs)

    def value(cell, name, w):
        if not cell.seconds:
            return ""
        r = ratio(bench, name, w, label)
        if name == "hand":
            return "%.0f ms%s" % (1000 * cell.median(), spread(cell, runs))
        if r is None:
            return "%.1f ms%s" % (1000 * cell.median(), spread(cell, runs))
        return number(r) + spread(cell, runs)
    return value


def of_hand(bench, label, values):
    """A ratio of medians of something else than wall time."""
    def value(cell, name, w):
        base = bench.cells.get(("hand", w, label))
        mine = sorted(values(cell))
        if not mine:
            return ""
        middle = mine[len(mine) // 2]
        theirs = sorted(values(base)) if base else []
        if name == "hand" or not theirs or not theirs[len(theirs) // 2]:
            return "%.0f" % middle
        return number(middle / theirs[len(theirs) // 2])
    return value


COLOURS = {
    "hand+options": "#bbbbbb", "hand-best": "#777777",
    "hand-best+options": "#333333", "uow": "#e02020",
    "uow-insert_all": "#f7a0a0", "native": "#a6cee3",
    "native-best": "#1f78b4", "pgbench": "#6a3d9a", "soci": "#33a02c",
    "soci-bulk": "#b2df8a", "poco": "#ff7f00", "qt": "#fdbf6f",
    "libzdb": "#b15928", "pyodbc": "#cab2d6", "sqlalchemy": "#d4c400",
}


def chart(bench, peers, label, tmp):
    """Bars by gnuplot, as SVG for the page; "" without gnuplot."""
    if not shutil.which("gnuplot"):
        return ""
    workloads = [w for w in columns(bench, label) if w not in ("W5i", "W7")]
    names = [n for n in rows(bench, peers, label) if n != "hand" and
             any(ratio(bench, n, w, label) for w in workloads)]
    if not names or not workloads:
        return ""
    data, svg = os.path.join(tmp, "chart.dat"), os.path.join(tmp, "chart.svg")
    with open(data, "w") as f:
        f.write("\t".join(["peer"] + names) + "\n")
        for w in workloads:
            f.write("\t".join([w] + ["%.3f" % r if r else "?" for r in
                                     (ratio(bench, n, w, label)
                                      for n in names)]) + "\n")
    script = """
set terminal svg size 1000,360 dynamic font 'sans,12'
set output '%s'
set datafile separator '\\t'
set datafile missing '?'
set style data histograms
set style histogram clustered gap 1
set style fill solid 0.9 noborder
set logscale y
set grid ytics
set ylabel 'wall time, hand = 1'
set key outside right noenhanced
set xtics noenhanced
set yrange [0.02:*]
set arrow from graph 0, first 1 to graph 1, first 1 nohead dt 2 front
plot %s
""" % (svg, ", ".join("'%s' using %d:xtic(1) title columnheader(%d) "
                      "linecolor rgb '%s'" % (data, i + 2, i + 2, COLOURS[n])
                      for i, n in enumerate(names)))
    r = subprocess.run(["gnuplot"], input=script, text=True,
                       stderr=subprocess.PIPE)
    if r.returncode:
        return "<p>no chart: %s</p>" % html.escape(r.stderr.strip()[:300])
    with open(svg) as f:
        text = f.read()
    # Names of its parts would clash in a page with several.
    prefix = re.sub(r"\W", "", label)
    text = re.sub(r"gnuplot_plot_|gp(?=[A-Z])|gnuplot_canvas",
                  lambda m: prefix + m.group(0), text)
    return text[text.index("<svg"):]


STYLE = """body{font:15px/1.4 sans-serif;max-width:70em;margin:2em auto;
padding:0 1em}table{border-collapse:collapse;margin:1em 0}caption{text-align:
left;font-weight:bold}th,td{padding:.15em .6em;border-bottom:1px solid #ddd;
text-align:right}th:first-child{text-align:left}.ours{background:#fe9}
small{color:#777}"""


def section(bench, peers, label):
    out = ["<h2>%s</h2>" % html.escape(label),
           chart(bench, peers, label, bench.chart_folder),
           table(bench, peers, label, wall(bench, label),
                 "Wall time; hand in ms, others as ratio to it, with half the "
                 "spread"),
           table(bench, peers, label,
                 of_hand(bench, label, lambda c: [1000 * s for s in c.cpu]),
                 "Processor time of the whole process; hand in ms")]
    if "+" in label:
        return "\n".join(out)
    out += [table(bench, peers, label,
                  of_hand(bench, label, lambda c: [m / 1024 for m in c.memory]),
                  "Peak memory; hand in MiB"),
            table(bench, peers, label,
                  lambda c, n, w: "" if c.trips is None else
                  "%.3g" % c.trips,
                  "Round trips for each transfer, row or unit"),
            table(bench, peers, label,
                  lambda c, n, w: "" if c.calls is None else
                  "%.3g" % c.calls,
                  "ODBC calls for each transfer, row or unit")]
    return "\n".join(out)


def write_html(bench, peers, path, took):
    out = ["<!doctype html><html lang=en><meta charset=utf-8>",
           "<title>libuow beside its peers</title><style>%s</style>" % STYLE,
           "<h1>libuow beside its peers</h1><p>%s</p>" %
           html.escape(machine(bench, took)),
           "<p>Identical work on identical tables through the same driver and "
           "connection string; what was read and what the database holds "
           "afterwards is the same for all, or the run is void. hand: ODBC "
           "row by row; hand-best: the fastest way known for the driver; "
           "+options: with the connection options that libuow's profile "
           "adds.</p><dl>"]
    out += ["<dt>%s<dd>%s" % (w, html.escape(t)) for w, t in WHAT.items()]
    out.append("</dl>")
    out += [section(bench, peers, label) for label in labels(bench)]
    voids = [(k, c.void) for k, c in bench.cells.items() if c.void]
    if voids or bench.absent:
        out.append("<h2>Not measured</h2><ul>")
        out += ["<li>%s: absent: %s" % (html.escape(n), html.escape(w))
                for n, w in bench.absent.items()]
        out += ["<li>%s: void: %s" % (html.escape(" ".join(k)),
                                      html.escape(v)) for k, v in voids]
        out.append("</ul>")
    out.append("<h2>Versions</h2><p>%s</p></html>" % ", ".join(
        html.escape("%s %s" % v) for v in versions()))
    with open(path, "w") as f:
        f.write("\n".join(out))


SHORT = {"sqlite": "sq", "postgresql": "pg", "mariadb": "my",
         "virtuoso": "vi"}


def more_lines(bench):
    """What is no ratio to the same work by hand."""
    out = []
    again = [c.median() / bench.number("W5i") for (n, w, _), c in
             bench.cells.items() if n == "uow" and w == "W5i" and c.median()]
    if again:
        out.append("A get from the identity map: %.0f ns." %
                   (1e9 * min(again)))
    memory = bench.cells.get(("uow", "W8", "memory"))
    if memory and memory.median():
        out.append("Transfers on tables in memory (W8): %.0f a second." %
                   (bench.number("W8") / memory.median()))
    threads = ["%s %s" % (d, number(1 / r)) for d in bench.dbms
               for r in [ratio(bench, "uow", "W6", d)] if r]
    if threads:
        out.append("8 threads on 4 connections (W6), speed as ratio to hand: "
                   + ", ".join(threads) + ".")
    return out


def void_lines(bench, heads):
    """Why there is no figure, each reason once."""
    found = {}
    for (name, w, label), c in bench.cells.items():
        if c.void and (label, w) in heads:
            what = name if c.known else "%s %s" % (name, w)
            whom = found.setdefault((label, c.known or c.void), [])
            if what not in whom:
                whom.append(what)
    return ["Void on %s: %s: %s." % (label, ", ".join(whom), why)
            for (label, why), whom in found.items()]


def middle(values):
    return sorted(values)[len(values) // 2] if values else 0


def beside_hand(ours, hand, values):
    """Ratio of medians, of something else than wall time."""
    theirs = middle(values(hand)) if hand else 0
    return number(middle(values(ours)) / theirs) if theirs else "–"


def half_spread(cell, _):
    if len(cell.seconds) < 2:
        return "–"
    return "%.0f %%" % (50 * (max(cell.seconds) - min(cell.seconds)) /
                        cell.median())


def trips(cell, hand):
    if cell.trips is None:
        return "–"
    other = hand.trips if hand else None
    return "%.3g" % cell.trips + (" / %.3g" % other if other is not None
                                  else "")


DETAILS = (
    ("wall time, half the spread", half_spread),
    ("processor time, hand = 1",
     lambda c, h: beside_hand(c, h, lambda x: x.cpu)),
    ("peak memory, hand = 1",
     lambda c, h: beside_hand(c, h, lambda x: x.memory)),
    ("round trips each / by hand", trips),
)


def details(bench, heads):
    """What else there is about the library: of each column of the table."""
    out = ["| uow | " + " | ".join("%s %s" % (SHORT[d], w) for d, w in heads) +
           " |", "|---|" + "---:|" * len(heads)]
    for what, value in DETAILS:
        line = []
        for d, w in heads:
            c = bench.cells.get(("uow", w, d))
            line.append(value(c, bench.cells.get(("hand", w, d)))
                        if c and c.seconds else "–")
        if any(t != "–" for t in line):
            out.append("| %s | %s |" % (what, " | ".join(line)))
    return out if len(out) > 2 else []


def write_markdown(bench, peers, path, took):
    """For the README: the ratios, databases and workloads across."""
    main = [d for d in bench.dbms if d in labels(bench)]
    heads = [(d, w) for d in main for w in ("W1", "W2", "W3", "W4", "W5")
             if w in columns(bench, d)]
    out = ["| | " + " | ".join("%s %s" % (SHORT[d], w) for d, w in heads) +
           " |", "|---|" + "---:|" * len(heads)]
    base = []
    for d, w in heads:
        c = bench.cells.get(("hand", w, d))
        base.append("*%.0f*" % (1000 * c.median()) if c and c.median() else
                    "–")
    out.append("| *hand, ms* | " + " | ".join(base) + " |")
    for p in peers:
        line = []
        for d, w in heads:
            c = bench.cells.get((p.name, w, d))
            line.append("void" if c and c.void else
                        number(ratio(bench, p.name, w, d)))
        if p.name != "hand" and any(t != "–" for t in line):
            name = "**%s**" % p.name if p.name == "uow" else p.name
            out.append("| %s | %s |" % (name, " | ".join(line)))
    out += [""] + details(bench, heads)
    for line in void_lines(bench, heads):
        out += ["", line]
    out += [""] + more_lines(bench) + ["", machine(bench, took) + "."]
    found = ["%s %s" % v for v in versions()]
    if found:
        out += ["", "Versions: " + ", ".join(found) + "."]
    with open(path, "w") as f:
        f.write("\n".join(out) + "\n")


def write(bench, peers, took):
    bench.chart_folder = os.path.join(bench.out, ".bench-chart")
    os.makedirs(bench.chart_folder, exist_ok=True)
    try:
        write_tsv(bench, os.path.join(bench.out, "bench.tsv"))
        write_html(bench, peers, os.path.join(bench.out, "bench.html"), took)
        write_markdown(bench, peers, os.path.join(bench.out, "bench.md"),
                       took)
    finally:
        shutil.rmtree(bench.chart_folder, ignore_errors=True)
    print("written: bench.tsv bench.html bench.md in %s" %
          os.path.abspath(bench.out))
