/* What runs in which precision, and why. */
precision.plan = {
    shown: "",

    load: function () {
        var session = precision.subject();
        precision.get("plan", { session: session }, function (data) {
            // It does not change while somebody reads it.
            var shown = JSON.stringify([session, data]);
            if (shown === precision.plan.shown) return;
            precision.plan.shown = shown;
            $("#planOf").text("in " + session);
            $("#planSummary").text(data.summary === "" ? "No DFP-16 statistics are reported to this session." : data.summary);
            var body = $("#decisions tbody").empty();
            data.layers.forEach(function (layer) {
                $("<tr>").toggleClass("swapped", layer.decision === "SWAPPED")
                    .append($("<td>").text(layer.name))
                    .append($("<td>").text(layer.type))
                    .append($("<td class='number'>").text(layer.parameters.toLocaleString("en")))
                    .append($("<td>").text(layer.decision))
                    .append($("<td>").text(layer.reason))
                    .appendTo(body);
            });
        });
    }
};
