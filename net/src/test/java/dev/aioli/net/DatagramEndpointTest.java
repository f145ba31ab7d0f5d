package dev.aioli.net;

import static dev.aioli.Asyncio.*;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.aioli.CancelledError;
import dev.aioli.Task;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoLeak.class)
class DatagramEndpointTest {
  private static final InetSocketAddress ANY = new InetSocketAddress("127.0.0.1", 0);
  private static final DatagramOptions LOCAL = DatagramOptions.DEFAULT.withLocalAddr(ANY);

  private static String text(Datagram datagram) {
    return new String(datagram.data(), UTF_8);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  @Test
  void datagramsGoThereAndBack() {
    run(() -> {
      try (DatagramEndpoint server = DatagramEndpoint.open(LOCAL);
          DatagramEndpoint client =
              DatagramEndpoint.open(DatagramOptions.DEFAULT.withRemoteAddr(server.sockname()))) {
        client.send(bytes("one"));
        Datagram first = server.receive();
        assertThat(text(first)).isEqualTo("one");
        assertThat(first.sender().getPort()).isEqualTo(client.sockname().getPort());
        server.send(bytes("two"), first.sender());
        assertThat(text(client.receive())).isEqualTo("two");
        assertThat(client.peername()).isEqualTo(server.sockname());
        assertThat(server.peername()).isNull();
      }
    });
  }

  @Test
  void aLongDatagramComesWholeUnlessItIsLongerThanAsked() {
    run(() -> {
      try (DatagramEndpoint whole = DatagramEndpoint.open(LOCAL);
          DatagramEndpoint cut = DatagramEndpoint.open(LOCAL.withMaxDatagramSize(100));
          DatagramEndpoint client = DatagramEndpoint.open(LOCAL)) {
        client.send(new byte[60_000], whole.sockname());
        client.send(new byte[60_000], cut.sockname());
        assertThat(whole.receive().data()).hasSize(60_000);
        assertThat(cut.receive().data()).hasSize(100);
      }
    });
  }

  @Test
  void aDatagramThatIsTooLongIsAnErrorOfSendto() {
    run(() -> {
      try (DatagramEndpoint client = DatagramEndpoint.open(LOCAL)) {
        Task<Datagram> receiving = createTask(() -> client.receive());
        sleep(Duration.ZERO);
        assertThatThrownBy(() -> client.sendto(new byte[70_000], client.sockname()))
            .isInstanceOf(IOException.class);
        client.drain(); // it has been told
        client.sendto(bytes("still works"), client.sockname());
        assertThat(text(receiving.await())).isEqualTo("still works");
      }
    });
  }

  @Test
  void whoSendsWithoutWaitingHearsOfItsErrorByDrainAndNobodyByReceive() {
    run(() -> {
      try (DatagramEndpoint client = DatagramEndpoint.open(LOCAL)) {
        client.send(new byte[70_000], client.sockname());
        client.send(new byte[70_000], client.sockname());
        client.send(bytes("still works"), client.sockname());
        assertThat(text(client.receive())).isEqualTo("still works");
        assertThatThrownBy(client::drain).isInstanceOf(IOException.class);
        client.drain();
        assertThat(client.receiveNowait()).isNull();
      }
    });
  }

  @Test
  void aConnectedEndpointHearsOfASendThatFailedWhenItReceives() {
    run(() -> {
      try (DatagramEndpoint server = DatagramEndpoint.open(LOCAL);
          DatagramEndpoint client =
              DatagramEndpoint.open(DatagramOptions.DEFAULT.withRemoteAddr(server.sockname()))) {
        client.send(new byte[70_000]);
        assertThatThrownBy(client::receive).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> client.sendto(new byte[70_000])).isInstanceOf(IOException.class);
        client.sendto(bytes("still works"));
        assertThat(text(server.receive())).isEqualTo("still works");
        assertThat(client.receiveNowait()).isNull();
      }
    });
  }

  @Test
  void aCancelledSendtoSendsAllTheSame() {
    run(() -> {
      try (DatagramEndpoint server = DatagramEndpoint.open(LOCAL)) {
        Task<?> sending = createTask(() -> server.sendto(bytes("sent"), server.sockname()));
        getRunningLoop().callSoon(sending::cancel);
        assertThatThrownBy(sending::await).isInstanceOf(CancelledError.class);
        assertThat(text(server.receive())).isEqualTo("sent");
      }
    });
  }

  @Test
  void sendtoOfAClosedEndpointIsAnError() {
    run(() -> {
      DatagramEndpoint client = DatagramEndpoint.open(LOCAL);
      InetSocketAddress itself = client.sockname();
      client.close();
      assertThatThrownBy(() -> client.sendto(bytes("x"), itself))
          .isInstanceOf(ClosedChannelException.class);
      assertThatThrownBy(() -> client.sendto(bytes("x"))).isInstanceOf(IllegalStateException.class);
    });
  }

  @Test
  void theFirstDrainAfterTheCloseTellsOfTheEnd() {
    run(() -> {
      DatagramEndpoint client = DatagramEndpoint.open(LOCAL);
      client.close();
      sleep(Duration.ZERO);
      assertThatThrownBy(client::drain).isInstanceOf(SocketException.class);
    });
  }

  @Test
  void aPortWhereNobodyListensIsAnErrorOfReceive() {
    run(() -> {
      DatagramEndpoint gone = DatagramEndpoint.open(LOCAL);
      InetSocketAddress nobody = gone.sockname();
      gone.close();
      gone.waitClosed();
      try (DatagramEndpoint client =
          DatagramEndpoint.open(DatagramOptions.DEFAULT.withRemoteAddr(nobody))) {
        client.send(bytes("anybody?"));
        assertThatThrownBy(client::receive).isInstanceOf(PortUnreachableException.class);
        assertThat(client.isClosing()).isFalse();
        try (DatagramEndpoint back = DatagramEndpoint.open(LOCAL.withLocalAddr(nobody))) {
          client.send(bytes("now?"));
          assertThat(text(back.receive())).isEqualTo("now?");
        }
      }
    });
  }

  @Test
  void theQueueIsBoundedAndTheSystemHoldsTheRest() {
    run(() -> {
      try (DatagramEndpoint server = DatagramEndpoint.open(LOCAL.withReceiveLimit(4));
          DatagramEndpoint client = DatagramEndpoint.open(LOCAL)) {
        for (int i = 0; i < 60; i++) {
          client.send(bytes("" + i), server.sockname());
        }
        for (int i = 0; i < 30; i++) {
          sleep(Duration.ofMillis(1));
        }
        // One read of the socket may bring some more than the limit, no second one comes.
        assertThat(server.toString()).containsPattern("\\D([4-9]|1\\d|2\\d) received");
        for (int i = 0; i < 60; i++) {
          assertThat(text(server.receive())).isEqualTo("" + i);
        }
      }
    });
  }

  @Test
  void receiversAreServedInOrderAndACancelledOneTakesNothing() {
    run(() -> {
      try (DatagramEndpoint server = DatagramEndpoint.open(LOCAL)) {
        Task<String> first = createTask(() -> text(server.receive()));
        Task<String> cancelled = createTask(() -> text(server.receive()));
        Task<String> last = createTask(() -> text(server.receive()));
        sleep(Duration.ZERO);
        cancelled.cancel();
        server.send(bytes("a"), server.sockname());
        server.send(bytes("b"), server.sockname());
        assertThat(first.await()).isEqualTo("a");
        assertThat(last.await()).isEqualTo("b");
        assertThatThrownBy(cancelled::await).isInstanceOf(CancelledError.class);
        assertThat(server.receiveNowait()).isNull();
      }
    });
  }

  @Test
  void closingSendsFirstAndEndsThoseWhoReceive() {
    run(() -> {
      try (DatagramEndpoint server = DatagramEndpoint.open(LOCAL)) {
        DatagramEndpoint client = DatagramEndpoint.open(LOCAL);
        Task<Datagram> receiving = createTask(() -> client.receive());
        sleep(Duration.ZERO);
        client.send(bytes("last"), server.sockname());
        client.close();
        client.close();
        client.send(bytes("dropped"), server.sockname());
        assertThatThrownBy(() -> Opening.await(receiving))
            .isInstanceOf(ClosedChannelException.class);
        assertThat(text(server.receive())).isEqualTo("last");
        client.waitClosed();
        assertThatThrownBy(client::drain).isInstanceOf(SocketException.class);
      }
    });
  }

  @Test
  void manyDatagramsCanBeDrained() {
    run(() -> {
      try (DatagramEndpoint server = DatagramEndpoint.open(LOCAL);
          DatagramEndpoint client = DatagramEndpoint.open(LOCAL)) {
        for (int i = 0; i < 1000; i++) {
          client.send(new byte[1000], server.sockname());
          client.drain();
        }
        assertThat(server.receive().data()).hasSize(1000);
      }
    });
  }

  @Test
  void wrongAddressesAreRefused() {
    run(() -> {
      try (DatagramEndpoint server = DatagramEndpoint.open(LOCAL);
          DatagramEndpoint client =
              DatagramEndpoint.open(DatagramOptions.DEFAULT.withRemoteAddr(server.sockname()))) {
        assertThatThrownBy(() -> server.send(bytes("x")))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("has no peer");
        assertThatThrownBy(() -> client.send(bytes("")))
            .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> client.send(bytes("x"), client.sockname()))
            .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> DatagramEndpoint.open(LOCAL.withLocalAddr(server.sockname())))
            .isInstanceOf(IOException.class);
      }
    });
  }
}
