package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.JsonWriter;
import io.openclaw.edge.Bulk;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a job is and stays, as the file {@code job.json} in its folder holds it: without the file
 * there is no job.
 *
 * @param id {@code <region>.<16 hex digits>}
 * @param rows inputs
 * @param bytes of the file {@code input}
 * @param webhook where to tell of its end; null for nowhere
 */
record JobOrder(
    String id,
    Bulk.Caller caller,
    long rows,
    long bytes,
    long submittedMillis,
    @Nullable String webhook) {

  byte[] write() {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("id", new Json.Str(id));
    members.put("tenant", new Json.Str(caller.tenant()));
    members.put("key", new Json.Str(caller.key()));
    members.put("rows", new Json.Num((double) rows));
    members.put("bytes", new Json.Num((double) bytes));
    members.put("submitted_millis", new Json.Num((double) submittedMillis));
    if (webhook != null) {
      members.put("webhook", new Json.Str(webhook));
    }
    return JsonWriter.write(new Json.Obj(members));
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IllegalArgumentException where it is anything else
   */
  static JobOrder read(byte[] document) {
    Json.Obj object = object(document);
    String webhook = AdminNode.text(object, "webhook");
    return new JobOrder(
        text(object, "id"),
        new Bulk.Caller(text(object, "tenant"), text(object, "key")),
        number(object, "rows"),
        number(object, "bytes"),
        number(object, "submitted_millis"),
        webhook.isEmpty() ? null : webhook);
  }

  static Json.Obj object(byte[] document) {
    try {
      if (JsonReader.read(document) instanceof Json.Obj object) {
        return object;
      }
      throw new IllegalArgumentException("not an object");
    } catch (JsonSyntaxException e) {
      throw new IllegalArgumentException(e.detail(), e);
    }
  }

  static String text(Json.Obj object, String name) {
    if (object.get(name) instanceof Json.Str text) {
      return text.value();
    }
    throw new IllegalArgumentException(name + ": missing (expected: a string)");
  }

  static long number(Json.Obj object, String name) {
    if (object.get(name) instanceof Json.Num number) {
      return (long) number.value();
    }
    throw new IllegalArgumentException(name + ": missing (expected: a number)");
  }
}
