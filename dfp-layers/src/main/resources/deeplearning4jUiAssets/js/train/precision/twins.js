/* Scores of the chosen runs in one chart, and what they come to. */
precision.twins = {
    data: null,

    load: function () {
        precision.get("twins", { session: precision.chosen() }, function (data) {
            precision.twins.data = data;
            precision.twins.verdicts(data);
            if (precision.tab === "twins") precision.twins.draw();
        });
    },

    verdicts: function (data) {
        var lines = data.verdicts.slice();
        data.waiting.forEach(function (id) { lines.push(id + " has not finished an iteration yet."); });
        data.missing.forEach(function (id) { lines.push("Session " + id + " is not there any more."); });
        $("#verdicts").empty();
        lines.forEach(function (line) { $("<div class='alert'>").text(line).appendTo("#verdicts"); });
    },

    draw: function () {
        var data = precision.twins.data;
        if (data === null) return;
        precision.twins.table(data.runs);
        var axis = $("#axis").val();
        var raw = $("#raw").prop("checked");
        var lines = [];
        data.runs.forEach(function (run, i) {
            var color = precision.colors[i % precision.colors.length];
            if (raw) {
                var faint = $.color.parse(color).scale("a", 0.3).toString();
                lines.push({ data: precision.points(run[axis], run.score), color: faint, name: run.name, lines: { lineWidth: 1 } });
            }
            // The baseline is wider: what covers it lets it be seen.
            lines.push({
                data: precision.points(run[axis], run.smoothed), color: color, label: run.name,
                lines: { lineWidth: i === 0 ? 4.5 : 2 }
            });
        });
        precision.chart("scoreChart", lines, { x: axis === "iteration" }, function (name, x, y) {
            var at = axis === "time" ? precision.fixed(x, 1) + " s" : "iteration " + x;
            return name + ", " + at + ": score " + precision.short(y);
        });
    },

    table: function (runs) {
        var head = $("<tr>").append($("<th>"));
        runs.forEach(function (run, i) {
            $("<th>").append($("<span class='precision-swatch'>").css("background", precision.colors[i % precision.colors.length]))
                .append(document.createTextNode(run.name)).attr("title", run.id).appendTo(head);
        });
        $("#sideBySide thead").empty().append(head);
        var body = $("#sideBySide tbody").empty();
        function row(name, value) {
            var line = $("<tr>").append($("<td>").text(name));
            runs.forEach(function (run) { $("<td>").text(value(run)).appendTo(line); });
            body.append(line);
        }
        row("iterations", function (run) { return run.iterations; });
        row("score at start", function (run) { return precision.fixed(run.scoreAtStart, 3); });
        row("score at end", function (run) { return precision.fixed(run.scoreAtEnd, 3); });
        row("held-out accuracy", function (run) {
            return run.heldOut === null ? "not measured" : precision.percent(run.heldOut.accuracy, 1);
        });
        row("seconds an iteration", function (run) { return precision.fixed(run.secondsPerIteration, 3); });
        row("images a second", function (run) { return precision.fixed(run.examplesPerSecond, 1); });
        row("speed", function (run) { return precision.fixed(run.speed, 2); });
    }
};
