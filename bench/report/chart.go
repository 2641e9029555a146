package report

import (
	"image/color"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/djsession/djsession/bench/measure"
)

const django = "Django"

// series are the dots of one variant: x is how many times as fast as Django it is, y the row.
type series struct {
	name string
	dots plotter.XYs
}

// compared returns the rows that have a variant Django and another one, and their dots. The
// first row is at the top.
func compared(rows []measure.Row) (names []string, all []series) {
	rows = slices.DeleteFunc(slices.Clone(rows), func(r measure.Row) bool {
		return r.Find(django).Median() == 0 || r.Find("djsession").Median() == 0 || r.Unit == "B" || r.Unit == "allocs"
	})
	for i, row := range rows {
		names = append(names, row.Name)
		for _, v := range row.Variants {
			ratio := row.Value(measure.Goal{Of: django, Against: v.Name})
			if strings.HasSuffix(row.Unit, "/s") {
				ratio = row.Value(measure.Goal{Of: v.Name, Against: django})
			}
			if ratio == 0 || math.IsNaN(ratio) || math.IsInf(ratio, 0) {
				continue
			}
			s := slices.IndexFunc(all, func(s series) bool { return s.name == v.Name })
			if s < 0 {
				s, all = len(all), append(all, series{name: v.Name})
			}
			all[s].dots = append(all[s].dots, plotter.XY{X: ratio, Y: float64(len(rows) - 1 - i)})
		}
	}
	slices.Reverse(names)
	return names, all
}

// writeChart writes an SVG file. Without a row that was compared with Django it writes none.
func writeChart(path string, rows []measure.Row) error {
	names, all := compared(rows)
	if len(names) == 0 {
		return nil
	}
	plot.DefaultFont.Variant = "Sans"
	p := plot.New()
	p.Title.Text = "How many times as fast as Django"
	p.BackgroundColor = color.White
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.ConstantTicks(ticks())
	p.NominalY(names...)
	p.Legend.Top, p.Legend.Left = true, true
	p.Add(plotter.NewGrid())
	shapes := []draw.GlyphDrawer{draw.CircleGlyph{}, draw.CrossGlyph{}, draw.PyramidGlyph{}, draw.BoxGlyph{}, draw.PlusGlyph{}, draw.RingGlyph{}, draw.TriangleGlyph{}, draw.SquareGlyph{}}
	for i, s := range all {
		scatter, err := plotter.NewScatter(s.dots)
		if err != nil {
			return err
		}
		scatter.GlyphStyle = draw.GlyphStyle{Shape: shapes[i%len(shapes)], Radius: vg.Points(3), Color: hue(i)}
		p.Add(scatter)
		p.Legend.Add(s.name, scatter)
	}
	p.X.Min, p.X.Max = p.X.Min/1.2, p.X.Max*1.2
	p.Y.Min, p.Y.Max = -0.5, float64(len(names))+0.8*float64(len(all)) // room for the legend
	return p.Save(vg.Points(820), vg.Points(float64(60+18*(len(names)+len(all)))), path)
}

// ticks returns 1, 2, 5, 10 and so on.
func ticks() (ticks []plot.Tick) {
	for power := 0.001; power < 1e6; power *= 10 {
		for _, digit := range []float64{1, 2, 5} {
			ticks = append(ticks, plot.Tick{Value: digit * power, Label: strconv.FormatFloat(digit*power, 'g', 3, 64)})
		}
	}
	return ticks
}

// hue returns the i-th of the colours of Okabe and Ito, which most people can tell apart.
func hue(i int) color.Color {
	colours := []color.RGBA{
		{0, 114, 178, 255}, {213, 94, 0, 255}, {0, 158, 115, 255}, {204, 121, 167, 255},
		{230, 159, 0, 255}, {86, 180, 233, 255}, {0, 0, 0, 255},
	}
	return colours[i%len(colours)]
}
