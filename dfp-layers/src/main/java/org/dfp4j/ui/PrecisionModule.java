package org.dfp4j.ui;

import freemarker.template.Configuration;
import freemarker.template.Template;
import freemarker.template.TemplateException;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.deeplearning4j.core.storage.StatsStorage;
import org.deeplearning4j.core.storage.StatsStorageEvent;
import org.deeplearning4j.ui.VertxUIServer;
import org.deeplearning4j.ui.api.HttpMethod;
import org.deeplearning4j.ui.api.I18N;
import org.deeplearning4j.ui.api.Route;
import org.deeplearning4j.ui.api.UIModule;
import org.deeplearning4j.ui.i18n.DefaultI18N;
import org.deeplearning4j.ui.i18n.I18NResource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The page "Precision" and its data: {@code /train/precision}, and where the server is in
 * multi-session mode {@code /train/:sessionId/precision}.
 */
public final class PrecisionModule implements UIModule {

  private static final Logger LOG = LoggerFactory.getLogger(PrecisionModule.class);

  private static final List<String> LANGUAGES = List.of("en", "de", "ja", "zh", "ko", "ru");
  private static final int BAD_REQUEST = 400;
  private static final int NOT_FOUND = 404;
  private static final int SERVER_ERROR = 500;

  private final Sessions sessions = new Sessions();

  /** For {@link java.util.ServiceLoader}. */
  public PrecisionModule() {}

  @Override
  public List<String> getCallbackTypeIDs() {
    return List.of(StoredStats.TYPE_ID);
  }

  @Override
  public List<Route> getRoutes() {
    boolean multiSession = VertxUIServer.getInstance().isMultiSession();
    String page = multiSession ? "/train/:sessionId/precision" : "/train/precision";
    List<Route> routes = new ArrayList<>();
    routes.add(new Route(page, HttpMethod.GET, (path, context) -> page(path, context)));
    routes.add(data(page + "/sessions", query -> SessionsView.of(sessions)));
    routes.add(data(page + "/twins", query -> TwinsView.of(sessions, query)));
    routes.add(data(page + "/layers", query -> LayersView.of(sessions, query)));
    routes.add(data(page + "/history", query -> HistoryView.of(sessions, query)));
    routes.add(data(page + "/plan", query -> PlanView.of(sessions, query)));
    return routes;
  }

  private void page(List<String> path, RoutingContext context) {
    String session = path.isEmpty() ? null : path.get(0);
    respond(
        context,
        "text/html; charset=utf-8",
        query -> {
          if (session != null && !isThere(session)) {
            throw new NoSuchElementException(
                "session: expected one of a storage that is attached, got " + session);
          }
          I18N language = DefaultI18N.getInstance(session);
          return render(language.getMessages(language.getDefaultLanguage()));
        });
  }

  private boolean isThere(String session) {
    if (sessions.find(session).isEmpty()) {
      load(session);
    }
    return sessions.find(session).isPresent();
  }

  /** Asks the program for a session that is not attached yet. */
  private static void load(String session) {
    org.nd4j.common.function.Function<String, Boolean> loader =
        VertxUIServer.getInstance().getStatsStorageLoader();
    if (loader != null) {
      loader.apply(session);
    }
  }

  private static String render(Map<String, String> words) {
    Configuration configuration = new Configuration(Configuration.VERSION_2_3_23);
    configuration.setLocale(Locale.US);
    StringWriter html = new StringWriter();
    try {
      new Template("precision", new StringReader(Templates.precisionPage()), configuration)
          .process(words, html);
    } catch (IOException | TemplateException e) {
      throw new IllegalStateException("cannot make the page: " + e.getMessage(), e);
    }
    return html.toString();
  }

  private static Route data(String path, Function<Query, Object> data) {
    return new Route(
        path,
        HttpMethod.GET,
        (arguments, context) ->
            respond(context, "application/json", query -> Json.of(data.apply(query))));
  }

  /** Answers from a thread that may wait for a file. */
  private static void respond(RoutingContext context, String type, Function<Query, String> answer) {
    Query query = new Query(context.queryParams());
    context
        .vertx()
        .<String>executeBlocking(
            promise -> promise.complete(answer.apply(query)),
            false,
            result -> {
              HttpServerResponse response = context.response();
              response.putHeader("X-Content-Type-Options", "nosniff");
              if (result.failed()) {
                LOG.warn("{}: {}", context.request().path(), result.cause().toString());
                response.setStatusCode(status(result.cause()));
                response.putHeader("content-type", "text/plain; charset=utf-8");
                response.end(String.valueOf(result.cause().getMessage()));
              } else {
                response.putHeader("content-type", type).end(result.result());
              }
            });
  }

  private static int status(Throwable cause) {
    if (cause instanceof IllegalArgumentException) {
      return BAD_REQUEST;
    }
    return cause instanceof NoSuchElementException ? NOT_FOUND : SERVER_ERROR;
  }

  @Override
  public void reportStorageEvents(Collection<StatsStorageEvent> events) {
    // The storages are read when the page asks.
  }

  @Override
  public void onAttach(StatsStorage storage) {
    sessions.attach(storage);
  }

  @Override
  public void onDetach(StatsStorage storage) {
    sessions.detach(storage);
  }

  @Override
  public List<I18NResource> getInternationalizationResources() {
    return LANGUAGES.stream()
        .map(language -> new I18NResource("dl4j_i18n/precision." + language))
        .toList();
  }
}
