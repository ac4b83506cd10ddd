/* Which sessions are compared, which tab is shown, and when to look again. What is chosen is in the
   address, so that a page can be reloaded and passed on. */
precision.tab = "twins";
precision.sessions = [];
precision.selected = [];
precision.asked = {};
precision.open = 0;

/* What was chosen: the baseline first. */
precision.chosen = function () { return precision.selected; };

/* The run whose layers are shown: the first that is compared with the baseline. */
precision.subject = function () { return precision.selected[precision.selected.length > 1 ? 1 : 0]; };

/* Reads data. An answer does not count where something else of its kind was asked for meanwhile. Two
   seconds after the last answer to all that is open, the page looks again. */
precision.get = function (what, query, use) {
    var question = JSON.stringify(query);
    precision.asked[what] = question;
    precision.open++;
    clearTimeout(precision.timer);
    var page = window.location.pathname.replace(/\/$/, "");
    $.ajax({ url: page + "/" + what, data: query, traditional: true, dataType: "json", timeout: 60000 })
        .always(function () {
            precision.open--;
            if (precision.open === 0) precision.timer = setTimeout(precision.refresh, 2000);
        })
        .done(function (data) { if (precision.asked[what] === question) use(data); })
        .fail(function (request) {
            precision.notice(request.status === 0
                ? "The UI server does not answer. What is shown is what it said last."
                : "The UI server cannot say: " + request.responseText);
        });
};

precision.notice = function (text) { $("#notice").text(text).toggle(text !== ""); };

precision.readAddress = function () {
    var parameters = new URLSearchParams(window.location.search);
    precision.selected = parameters.getAll("session");
    var tab = window.location.hash.substring(1);
    precision.tab = ["twins", "layers", "plan"].indexOf(tab) < 0 ? "twins" : tab;
};

precision.writeAddress = function () {
    var parameters = new URLSearchParams();
    precision.selected.forEach(function (id) { parameters.append("session", id); });
    window.history.replaceState(null, "", window.location.pathname + "?" + parameters + "#" + precision.tab);
};

precision.showSessions = function (data) {
    precision.sessions = data.sessions.map(function (session) { return session.id; });
    $("#page").toggle(precision.sessions.length > 0);
    if (precision.sessions.length === 0) {
        precision.notice("No training session yet. A network that a DfpStatsListener or DL4J's StatsListener"
            + " watches appears here with its first iteration.");
        return;
    }
    precision.notice("");
    if (precision.selected.length === 0) precision.selected = data.suggested;
    var titles = {};
    data.sessions.forEach(function (session) {
        var said = session.precision === "" || session.id.indexOf(session.precision) >= 0;
        titles[session.id] = said ? session.id : session.id + " (" + session.precision + ")";
    });
    var known = precision.sessions.concat(precision.selected.filter(function (id) {
        return precision.sessions.indexOf(id) < 0;
    }));
    var key = JSON.stringify([known, titles, precision.selected]);
    if (key === precision.shown) return;
    precision.shown = key;
    $("#baseline").empty();
    $("#others").empty().append(document.createTextNode("compared with "));
    known.forEach(function (id) {
        $("<option>").val(id).text(titles[id] || id).prop("selected", id === precision.selected[0]).appendTo("#baseline");
        if (id !== precision.selected[0]) {
            $("<label>").append($("<input type='checkbox'>").val(id).prop("checked", precision.selected.indexOf(id) > 0))
                .append(document.createTextNode(" " + (titles[id] || id))).appendTo("#others");
        }
    });
};

precision.choose = function () {
    var baseline = $("#baseline").val();
    var others = $("#others input:checked").map(function () { return this.value; }).get();
    precision.selected = [baseline].concat(others.filter(function (id) { return id !== baseline; }));
    precision.layers.reset();
    precision.writeAddress();
    precision.refresh();
};

precision.showTab = function (tab) {
    precision.tab = tab;
    $(".precision-tab").hide();
    $("#" + tab).show();
    $("[data-tab]").each(function () { $(this).toggleClass("active", $(this).data("tab") === tab); });
};

/* Asks for everything that is in sight. */
precision.refresh = function () {
    precision.get("sessions", {}, function (data) {
        precision.showSessions(data);
        if (precision.sessions.length === 0) return;
        precision.twins.load();
        if (precision.tab !== "twins") precision[precision.tab].load();
    });
};

$(document).ready(function () {
    $(".sidebar .nav-link[href=precision]").addClass("active");
    precision.readAddress();
    precision.showTab(precision.tab);
    precision.layers.start();
    getSessionSettings(function () {});
    $("#baseline").change(precision.choose);
    $("#others").on("change", "input", precision.choose);
    $("#axis, #raw").change(precision.twins.draw);
    $("[data-tab]").click(function (event) {
        event.preventDefault();
        precision.showTab($(this).data("tab"));
        precision.writeAddress();
        precision.refresh();
    });
    precision.refresh();
});
