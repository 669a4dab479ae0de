package io.openclaw.net;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * Stands between a connection's decoder and Vert.x, for the two kinds of malformed request that
 * Vert.x does not hand on: an unknown version, which it would answer with 501 in that version, and
 * a body that is not framed as the headers say, where it would close without an answer.
 */
final class HttpGate extends ChannelInboundHandlerAdapter {
  private static final DecoderResult UNKNOWN_VERSION =
      DecoderResult.failure(new IllegalArgumentException("unknown version of HTTP"));

  private final Runnable onBrokenBody;

  private HttpGate(Runnable onBrokenBody) {
    this.onBrokenBody = onBrokenBody;
  }

  /**
   * Guards a new connection; on its event loop.
   *
   * @param onBrokenBody told when a body cannot be read on; no more of the connection can be, then
   */
  static void guard(HttpConnection connection, Runnable onBrokenBody) {
    if (connection instanceof ConnectionBase base) {
      base.channel()
          .pipeline()
          .addBefore(base.channelHandlerContext().name(), null, new HttpGate(onBrokenBody));
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof HttpRequest request) { // a malformed one is its own content, too
      if (!isKnown(request.protocolVersion())) {
        request.setProtocolVersion(HttpVersion.HTTP_1_1);
        if (request.decoderResult().isSuccess()) {
          request.setDecoderResult(UNKNOWN_VERSION);
        }
      }
    } else if (message instanceof HttpContent content && content.decoderResult().isFailure()) {
      ReferenceCountUtil.release(message);
      onBrokenBody.run();
      return;
    }
    context.fireChannelRead(message);
  }

  /** Spelt exactly so: for any other spelling Netty makes an instance of its own. */
  @SuppressWarnings("ReferenceEquality")
  private static boolean isKnown(HttpVersion version) {
    return version == HttpVersion.HTTP_1_1 || version == HttpVersion.HTTP_1_0;
  }
}
