package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonWriter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Logs as one JSON object a line on standard error; a flat {@link Json.Obj} as a message's only
 * parameter adds its members. Keys are cut out of every message, wherever they come from.
 */
final class JsonLog extends Formatter {
  private static final int MESSAGE_LENGTH_MAX = 8192;

  private final String region;

  JsonLog(String region) {
    this.region = region;
  }

  /** Makes this process log so, from {@code INFO} up. */
  static void install(String region) {
    LogManager.getLogManager().reset();
    Logger root = Logger.getLogger("");
    Handler handler = new ConsoleHandler();
    handler.setLevel(Level.INFO);
    handler.setFormatter(new JsonLog(region));
    root.addHandler(handler);
    root.setLevel(Level.INFO);
  }

  @Override
  public String format(LogRecord entry) {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("time", new Json.Str(Instant.ofEpochMilli(entry.getMillis()).toString()));
    members.put("level", new Json.Str(entry.getLevel().getName()));
    members.put("region", new Json.Str(region));
    members.put("logger", new Json.Str(String.valueOf(entry.getLoggerName())));
    members.put("message", new Json.Str(redacted(String.valueOf(formatMessage(entry)))));
    Object[] parameters = entry.getParameters();
    if (parameters != null && parameters.length == 1 && parameters[0] instanceof Json.Obj details) {
      details.members().forEach((name, value) -> members.putIfAbsent(name, redacted(value)));
    }
    Throwable thrown = entry.getThrown();
    if (thrown != null) {
      StringWriter trace = new StringWriter();
      thrown.printStackTrace(new PrintWriter(trace));
      members.put("exception", new Json.Str(redacted(trace.toString())));
    }
    return new String(JsonWriter.write(new Json.Obj(members)), StandardCharsets.UTF_8) + "\n";
  }

  private static Json redacted(Json value) {
    return value instanceof Json.Str text ? new Json.Str(redacted(text.value())) : value;
  }

  /** The text without the secrets of keys, and not too long. */
  static String redacted(String text) {
    String cut = text;
    if (text.length() > MESSAGE_LENGTH_MAX) {
      boolean splitsPair = Character.isHighSurrogate(text.charAt(MESSAGE_LENGTH_MAX - 1));
      cut = text.substring(0, MESSAGE_LENGTH_MAX - (splitsPair ? 1 : 0)) + "…";
    }
    return cut.replaceAll("(ock_[0-9A-Za-z]{1,32}_)[0-9A-Za-z]+", "$1…");
  }
}
