import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;

/** A small rating service: {@code FallbackService <port>}; rates everything 612.5, and is healthy. */
final class FallbackService {
  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 1 || arguments[0].equals("--help")) {
      System.out.println("usage: java FallbackService.java <port>");
      return;
    }
    int port = Integer.parseInt(arguments[0]);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 100);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/rate", exchange -> answer(exchange, "{\"rating\": 612.5}"));
    server.createContext("/health", exchange -> answer(exchange, "{}"));
    server.start();
  }

  private static void answer(HttpExchange exchange, String json) throws IOException {
    byte[] body = json.getBytes();
    exchange.getRequestBody().readAllBytes();
    exchange.getResponseHeaders().set("content-type", "application/json");
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }
}
