package io.openclaw.app;

import io.openclaw.app.RawHttp.Reply;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.openapi.contract.OpenAPIContract;
import io.vertx.openapi.contract.Operation;
import io.vertx.openapi.validation.RequestValidator;
import io.vertx.openapi.validation.ResponseValidator;
import io.vertx.openapi.validation.ValidatableResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;

/**
 * The OpenAPI document as a judge of requests and answers.
 *
 * <p>The validator does not know {@code application/problem+json} and reads no text, so it is
 * handed the document with {@code application/json} in its place and without the texts of metrics
 * and lines; media types are held against the document here.
 */
final class Contract implements AutoCloseable {
  private static final String PROBLEM = "application/problem+json";
  private static final String LINES = "application/x-ndjson";

  /** An operation's documented answer. */
  record Documented(String operation, int status) implements Comparable<Documented> {
    @Override
    public int compareTo(Documented other) {
      int byOperation = operation.compareTo(other.operation);
      return byOperation != 0 ? byOperation : Integer.compare(status, other.status);
    }
  }

  private final JsonObject document;
  private final Vertx vertx = Vertx.vertx();
  private final OpenAPIContract contract;
  private final ResponseValidator responses;
  private final HttpServer requestJudge;
  private volatile String judged = "";

  Contract(byte[] bytes) {
    document = new JsonObject(Buffer.buffer(bytes));
    JsonObject known = document.copy();
    known
        .getJsonObject("paths")
        .getJsonObject("/metrics")
        .getJsonObject("get")
        .getJsonObject("responses")
        .getJsonObject("200")
        .remove("content");
    withoutLines(known);
    contract =
        await(
            OpenAPIContract.from(
                vertx, new JsonObject(known.encode().replace(PROBLEM, "application/json"))));
    responses = ResponseValidator.create(vertx, contract);
    RequestValidator requests = RequestValidator.create(vertx, contract);
    requestJudge =
        await(
            vertx
                .createHttpServer(
                    new HttpServerOptions().setHost("127.0.0.1").setDecompressionSupported(true))
                .requestHandler(
                    request ->
                        requests
                            .validate(request, judged)
                            .onSuccess(good -> request.response().end())
                            .onFailure(
                                bad ->
                                    request
                                        .response()
                                        .setStatusCode(422)
                                        .end(String.valueOf(bad.getMessage()))))
                .listen(0));
  }

  private static void withoutLines(JsonObject known) {
    JsonObject paths = known.getJsonObject("paths");
    for (String path : paths.fieldNames()) {
      for (Map.Entry<String, Object> each : paths.getJsonObject(path)) {
        if (each.getValue() instanceof JsonObject operation) {
          JsonObject body = operation.getJsonObject("requestBody");
          if (body != null) {
            body.getJsonObject("content").remove(LINES);
          }
          JsonObject answers = operation.getJsonObject("responses");
          for (String status : answers.fieldNames()) {
            JsonObject content = answers.getJsonObject(status).getJsonObject("content");
            if (content != null && content.containsKey(LINES)) {
              answers.getJsonObject(status).remove("content");
            }
          }
        }
      }
    }
  }

  /** The answer of an operation as the document describes it in place; null where it refers. */
  private @org.jspecify.annotations.Nullable JsonObject described(String id, int status) {
    JsonObject paths = document.getJsonObject("paths");
    for (String path : paths.fieldNames()) {
      for (Map.Entry<String, Object> each : paths.getJsonObject(path)) {
        if (each.getValue() instanceof JsonObject operation
            && id.equals(operation.getString("operationId"))) {
          return operation
              .getJsonObject("responses")
              .getJsonObject(Integer.toString(status), new JsonObject())
              .getJsonObject("content");
        }
      }
    }
    return null;
  }

  private static <T> T await(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().join();
  }

  List<Operation> operations() {
    return contract.operations();
  }

  /** Every answer that the document describes, in order. */
  Set<Documented> documented() {
    Set<Documented> all = new TreeSet<>();
    for (Operation operation : contract.operations()) {
      for (String status : operation.getOpenAPIModel().getJsonObject("responses").fieldNames()) {
        if (status.matches("[1-5][0-9][0-9]")) { // the validator adds marks of its own
          all.add(new Documented(operation.getOperationId(), Integer.parseInt(status)));
        }
      }
    }
    return all;
  }

  /** What is wrong with an answer, according to the document; empty where nothing is. */
  List<String> faultsOf(String operation, Reply reply) {
    List<String> faults = new ArrayList<>();
    String type = reply.header("content-type").replaceFirst(";.*", "").strip();
    if (!documentedTypes(operation, reply.status()).contains(type)) {
      faults.add("content-type " + type + " is not in the document");
    }
    String known = type.equals(PROBLEM) ? "application/json" : type;
    // Quoted strings, which the validator takes for JSON; the tests look at them themselves.
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    headers.putAll(reply.headers());
    headers.keySet().removeIf(name -> name.toLowerCase(Locale.ROOT).matches("ratelimit.*|etag"));
    try {
      await(
          responses.validate(
              ValidatableResponse.create(
                  reply.status(), headers, Buffer.buffer(reply.body()), known),
              operation));
    } catch (CompletionException e) {
      faults.add(String.valueOf(Objects.requireNonNull(e.getCause()).getMessage()));
    }
    return faults;
  }

  private Set<String> documentedTypes(String operation, int status) {
    JsonObject answer =
        Objects.requireNonNull(contract.operation(operation), operation)
            .getOpenAPIModel()
            .getJsonObject("responses")
            .getJsonObject(Integer.toString(status));
    if (answer == null) {
      return Set.of();
    }
    JsonObject inPlace = described(operation, status);
    if (inPlace != null) {
      return inPlace.fieldNames();
    }
    Set<String> types = new TreeSet<>(answer.getJsonObject("content").fieldNames());
    types.remove("application/json");
    types.add(PROBLEM);
    return types;
  }

  /**
   * What is wrong with the bytes of a request, according to the document; empty where nothing is.
   */
  String faultOf(String operation, byte[] request) throws IOException {
    judged = operation;
    Reply verdict = RawHttp.ask(requestJudge.actualPort(), request);
    return verdict.status() == 200 ? "" : "refused: " + verdict.text();
  }

  JsonObject document() {
    return document;
  }

  @Override
  public void close() {
    await(vertx.close());
  }
}
