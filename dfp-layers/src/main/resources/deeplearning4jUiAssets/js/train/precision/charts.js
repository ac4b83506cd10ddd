/* Numbers as text, and line charts by flot. All numbers come from the server; NaN and infinities
   as strings, since JSON has none. */
var precision = window.precision || {};

precision.colors = ["#1F5FA8", "#D95F02", "#2E8B57", "#8E44AD", "#7F6000", "#C2185B"];

precision.isNumber = function (value) {
    return value !== null && value !== undefined && isFinite(Number(value));
};

/* A number with so many digits after the point; a dash where there is none. */
precision.fixed = function (value, digits) {
    if (value === "Infinity") return "∞";
    return precision.isNumber(value) ? Number(value).toFixed(digits) : "–";
};

precision.percent = function (value, digits) {
    return precision.isNumber(value) ? (100 * value).toFixed(digits) + " %" : "–";
};

/* Three significant digits. */
precision.short = function (value) {
    if (!precision.isNumber(value)) return "–";
    var x = Number(value);
    return x !== 0 && (Math.abs(x) < 1e-3 || Math.abs(x) >= 1e5)
        ? x.toExponential(2) : String(Number(x.toPrecision(3)));
};

/* Points for flot: a gap where a value is not finite. */
precision.points = function (x, y) {
    return x.map(function (at, i) {
        return precision.isNumber(y[i]) ? [Number(at), Number(y[i])] : null;
    });
};

/* Draws lines. `whole` says which axes count; `hover` gives the text for a point, from the name of
   its line, x and y. */
precision.chart = function (id, lines, whole, hover) {
    var element = $("#" + id);
    if (!element.is(":visible")) return;
    var text = $("#" + id.replace("Chart", "Hover"));
    function axis(counts) { return counts ? { minTickSize: 1, tickDecimals: 0 } : {}; }
    var plot = $.plot(element, lines, {
        series: { lines: { show: true, lineWidth: 2 }, shadowSize: 0 },
        grid: { hoverable: true, tickColor: "#dddddd", borderWidth: 0 },
        xaxis: axis(whole.x),
        yaxis: axis(whole.y),
        legend: {
            container: $("#" + id.replace("Chart", "Legend")),
            noColumns: lines.length,
            labelFormatter: function (label) { return $("<i>").text(label).html(); }
        }
    });
    element.data("plot", plot);
    element.unbind("plothover").bind("plothover", function (event, at, item) {
        text.text(item ? hover(item.series.name || item.series.label, item.datapoint[0], item.datapoint[1]) : "\u00a0");
    });
};
