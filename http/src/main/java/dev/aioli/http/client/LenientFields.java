package dev.aioli.http.client;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpHeadersFactory;

/**
 * The header fields of a response, as they come: what HTTP forbids in them is taken, but noted. A
 * field without a name is left out, and a length that is said twice is kept once.
 */
final class LenientFields extends DefaultHttpHeaders {
  private final Notes notes;

  /** Whether something has come that others could read in another way. */
  static final class Notes {
    private boolean odd;

    void add() {
      odd = true;
    }

    boolean odd() {
      return odd;
    }
  }

  private LenientFields(Notes notes) {
    super(
        DefaultHttpHeadersFactory.headersFactory().withValidation(false).getNameValidator(),
        DefaultHttpHeadersFactory.headersFactory().withValidation(false).getValueValidator());
    this.notes = notes;
  }

  /** Makes fields for a connection. */
  static HttpHeadersFactory factory(Notes notes) {
    return new HttpHeadersFactory() {
      @Override
      public HttpHeaders newHeaders() {
        return new LenientFields(notes);
      }

      @Override
      public HttpHeaders newEmptyHeaders() {
        return new LenientFields(notes);
      }
    };
  }

  /** This is how Netty's decoder adds them. */
  @Override
  public HttpHeaders add(CharSequence name, Object value) {
    String text = value.toString();
    if (name.isEmpty()) {
      notes.add();
      return this;
    }
    if (HttpHeaderNames.CONTENT_LENGTH.contentEqualsIgnoreCase(name)) {
      return addLength(name, text);
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((c < ' ' && c != '\t') || c == 0x7f) {
        notes.add();
        break;
      }
    }
    return super.add(name, text);
  }

  private HttpHeaders addLength(CharSequence name, String text) {
    for (String length : text.split(",", -1)) {
      String before = get(name);
      if (before == null) {
        super.add(name, length.strip());
      } else {
        notes.add();
        if (!before.equals(length.strip())) {
          super.add(name, length.strip()); // two lengths: Netty refuses them
        }
      }
    }
    return this;
  }
}
