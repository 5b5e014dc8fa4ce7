# One column of pictures for each law, from the traces that tests/tournament.sh --plot makes:
#   gnuplot -c plot.gp OUT.svg TITLE LAW... with LAW.csv in the current folder
laws = ARGC - 2
set terminal svg size 160 + 700 * laws, 1100 dynamic font "sans-serif,12" background "white"
set output ARG1
set datafile separator ","
set key outside top right horizontal
set grid
set lmargin 22 # the names of the states; all hours below each other
set xlabel ""
set multiplot layout 4, laws columnsfirst title ARG2
do for [i = 1:laws] {
	law = value(sprintf("ARG%d", i + 2))
	file = law . ".csv"
	stats file using 0 skip 1 nooutput
	columns = STATS_columns
	set title law
	set ylabel "cells, V"
	set yrange [*:*]
	plot for [c = 21:columns] file using ($1 / 3600):c skip 1 with lines notitle
	set title ""
	set ylabel "pack, V"
	plot file using ($1 / 3600):13 skip 1 with steps lw 2 lc rgb "#c00000" title "CVL", \
		file using ($1 / 3600):8 skip 1 with lines lc rgb "#0060a0" title "pack", \
		file using ($1 / 3600):9 skip 1 with lines lc rgb "#80b0d0" title "busbar"
	set ylabel "current, A"
	plot file using ($1 / 3600):4 skip 1 with lines lc rgb "#0060a0" title "battery", \
		file using ($1 / 3600):14 skip 1 with steps lc rgb "#c00000" title "CCL", \
		file using ($1 / 3600):(-$15) skip 1 with steps lc rgb "#808080" title "-DCL", \
		file using ($1 / 3600):7 skip 1 with lines lc rgb "#e0a000" title "to the grid"
	set ylabel "state"
	set xlabel "hours"
	set yrange [-0.5:7.5]
	set ytics ("Offline" 0, "Bulk" 1, "Transition" 2, "Float approach" 3, "Float" 4, \
		"Imbalance hold" 5, "Sustain" 6, "Cell protection" 7)
	plot file using ($1 / 3600):16 skip 1 with steps lw 2 notitle
	unset ytics
	set ytics autofreq
	set xlabel ""
}
unset multiplot
