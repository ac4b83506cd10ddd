/* The numerics of the layers of one run: two charts and a table that the server sorts and cuts. */
precision.layers = {
    sort: "worst",
    descending: false,
    offset: 0,
    step: 0, // rows of a page
    layer: null,
    tensor: null,

    load: function () {
        var session = precision.subject();
        precision.get("layers", {
            session: session,
            baseline: precision.chosen()[0],
            sort: precision.layers.sort,
            descending: precision.layers.descending,
            offset: precision.layers.offset,
            filter: $("#filter").val(),
            metric: $("#metric").val()
        }, function (data) {
            if (precision.layers.layer === null && data.rows.length > 0) {
                precision.layers.choose(data.rows[0]);
            }
            precision.layers.head(session, data);
            precision.layers.table(data.rows);
            precision.layers.depth(data);
        });
        precision.layers.history();
    },

    choose: function (row) {
        precision.layers.layer = row.layer;
        precision.layers.tensor = row.tensor;
        precision.layers.history();
    },

    head: function (session, data) {
        var text = data.iteration < 0
            ? "of " + session + ": nothing sampled; no DFP-16 statistics are reported to it"
            : "of " + session + " in iteration " + data.iteration
                + (data.compared < 0 ? "" : "; cosines of iteration " + data.compared);
        $("#layersOf").text(text);
        var last = data.offset + data.rows.length;
        $("#rowsShown").text(data.total === 0 ? "none" : (data.offset + 1) + "–" + last + " of " + data.total);
        $("#previous").prop("disabled", data.offset === 0);
        $("#next").prop("disabled", last >= data.total);
        precision.layers.step = Math.max(data.rows.length, precision.layers.step);
        $("#tensors th").each(function () {
            $(this).toggleClass("sorted", $(this).data("sort") === precision.layers.sort);
        });
        $("#worst").toggleClass("active", precision.layers.sort === "worst");
    },

    table: function (rows) {
        var body = $("#tensors tbody").empty();
        rows.forEach(function (row) {
            var m = row.metrics;
            var line = $("<tr>").data("row", row)
                .toggleClass("chosen", row.layer === precision.layers.layer && row.tensor === precision.layers.tensor);
            $("<td>").append($("<span class='precision-name'>").text(row.layer).attr("title", row.layer)).appendTo(line);
            $("<td>").text(row.tensor).appendTo(line);
            function number(text, bad) {
                $("<td class='number'>").text(text).toggleClass("bad", Boolean(bad)).appendTo(line);
            }
            number(row.finite ? precision.fixed(m.exponent, 0) : "NaN", !row.finite);
            number(precision.isNumber(m.amax) ? precision.short(m.amax) : String(m.amax), !row.finite);
            number(precision.percent(m.bits_used, 1));
            number(precision.percent(m.underflow, 2));
            number(precision.percent(m.saturated, 2), m.saturated > 0);
            number(precision.fixed(m.sqnr, 1));
            number(precision.fixed(m.non_finite, 0), m.non_finite > 0);
            number(precision.fixed(row.gradient, 4));
            number(precision.fixed(row.update, 4));
            number(["forward", "backward_data", "backward_weights"].map(function (product) {
                return precision.fixed(row.milliseconds[product], 2);
            }).join(" / "));
            $("<td>").text(row.kernels === null ? "–" : row.kernels).appendTo(line);
            body.append(line);
        });
    },

    depth: function (data) {
        var metric = $("#metric option:selected").text();
        var lines = Object.keys(data.depth).map(function (name, i) {
            var values = data.depth[name];
            var few = values.length <= 200;
            return {
                data: precision.points(values.map(function (value, index) { return index; }), values),
                label: name, color: precision.colors[i], lines: { lineWidth: few ? 2 : 1 },
                points: { show: few, radius: 2 }
            };
        });
        var counts = ["exponent", "non_finite"].indexOf($("#metric").val()) >= 0;
        precision.chart("depthChart", lines, { x: true, y: counts }, function (name, x, y) {
            return name + " of layer " + x + ": " + metric + " " + precision.short(y);
        });
    },

    history: function () {
        var layer = precision.layers.layer;
        var metric = $("#metric").val();
        var name = $("#metric option[value=" + metric + "]").text();
        $("#chosenLayer").text(layer === null ? "click a row below" : layer + ", " + name).attr("title", layer);
        if (layer === null) return;
        precision.get("history", {
            session: precision.subject(), baseline: precision.chosen()[0], layer: layer, metric: metric
        }, function (data) {
            var lines = Object.keys(data.values).map(function (tensor, i) {
                return {
                    data: precision.points(data.iteration, data.values[tensor]),
                    label: tensor, color: precision.colors[i], points: { show: data.iteration.length <= 100, radius: 2 }
                };
            });
            var counts = metric === "exponent" || metric === "non_finite";
            precision.chart("historyChart", lines, { x: true, y: counts }, function (tensor, x, y) {
                return tensor + ", iteration " + x + ": " + name + " " + precision.short(y);
            });
        });
    },

    reset: function () {
        precision.layers.layer = null;
        precision.layers.tensor = null;
        precision.layers.offset = 0;
    },

    /* Sorts by a column; once more, the other way. */
    sortBy: function (column) {
        precision.layers.descending = precision.layers.sort === column && !precision.layers.descending;
        precision.layers.sort = column;
        precision.layers.offset = 0;
        precision.layers.load();
    },

    start: function () {
        $("#tensors thead").on("click", "th", function () { precision.layers.sortBy($(this).data("sort")); });
        $("#worst").click(function () {
            precision.layers.sort = null;
            precision.layers.sortBy("worst");
        });
        $("#tensors tbody").on("click", "tr", function () {
            precision.layers.choose($(this).data("row"));
            $("#tensors tr").removeClass("chosen");
            $(this).addClass("chosen");
        });
        $("#metric").change(precision.layers.load);
        $("#filter").on("input", function () {
            precision.layers.offset = 0;
            precision.layers.load();
        });
        $("#next").click(function () {
            precision.layers.offset += precision.layers.step;
            precision.layers.load();
        });
        $("#previous").click(function () {
            precision.layers.offset = Math.max(0, precision.layers.offset - precision.layers.step);
            precision.layers.load();
        });
    }
};
