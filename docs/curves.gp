# The curves of docs/charge-control.md: gnuplot docs/curves.gp > docs/curves.svg
set terminal svg size 900,640 dynamic enhanced font "sans-serif,13" background "white"
set multiplot layout 2,2 title "How much of the largest current is allowed"
set yrange [0:1.1]
set format y "%.0f %%"
set ytics ("0 %%" 0, "25 %%" 0.25, "50 %%" 0.5, "100 %%" 1)
set grid
set key top right
$charge << EOD
3.30 1
3.40 1
3.45 0.25
3.50 0.05
3.55 0
3.60 0
EOD
$discharge << EOD
2.70 0
2.80 0
2.90 0.05
3.00 0.25
3.10 1
3.20 1
EOD
$warm << EOD
-5 0
0 0
2 0.25
5 0.5
10 1
40 1
45 0.5
50 0.25
55 0
60 0
EOD
$cold << EOD
-25 0
-20 0
-10 0.25
0 0.5
10 1
45 1
50 0.5
55 0.25
60 0
65 0
EOD
set xlabel "highest cell, V (LFP)"
plot $charge with linespoints lw 2 pt 7 ps 0.5 lc rgb "#1f77b4" title "charge (CCL)"
set xlabel "lowest cell, V (LFP)"
set key top left
plot $discharge with linespoints lw 2 pt 7 ps 0.5 lc rgb "#d62728" title "discharge (DCL)"
set xlabel "temperature, °C"
set key top left
set xrange [-25:65]
plot $warm with linespoints lw 2 pt 7 ps 0.5 lc rgb "#1f77b4" title "charge (CCL)"
plot $cold with linespoints lw 2 pt 7 ps 0.5 lc rgb "#d62728" title "discharge (DCL)"
unset multiplot
