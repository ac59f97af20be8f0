package dev.tether.examples.simulate.scenario;

import dev.tether.core.TransportSettings;
import dev.tether.core.TransportSettings.Builder;
import java.time.Duration;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/** The fields of a peer's transport settings. */
final class SettingsFields {

    static final List<Field<Builder, TransportSettings>> ALL = List.of(
            duration("handshakeTimeout", TransportSettings::handshakeTimeout, Builder::handshakeTimeout),
            duration("handshakeResend", TransportSettings::handshakeResend, Builder::handshakeResend),
            duration("handshakeResendMax", TransportSettings::handshakeResendMax, Builder::handshakeResendMax),
            duration("keepAlive", TransportSettings::keepAlive, Builder::keepAlive),
            number("unresponsiveProbes", TransportSettings::unresponsiveProbes, Builder::unresponsiveProbes),
            duration("idleTimeout", TransportSettings::idleTimeout, Builder::idleTimeout),
            duration("maxAckDelay", TransportSettings::maxAckDelay, Builder::maxAckDelay),
            number("datagramSize", TransportSettings::datagramSize, Builder::datagramSize),
            number("maxMessageSize", TransportSettings::maxMessageSize, Builder::maxMessageSize),
            number("streamWindow", TransportSettings::streamWindow, Builder::streamWindow),
            number("maxStreamWindow", TransportSettings::maxStreamWindow, Builder::maxStreamWindow),
            number("connectionWindow", TransportSettings::connectionWindow, Builder::connectionWindow),
            number("maxConnectionWindow", TransportSettings::maxConnectionWindow, Builder::maxConnectionWindow),
            number("sendBuffer", TransportSettings::sendBuffer, Builder::sendBuffer),
            number("inboundQueue", TransportSettings::inboundQueue, Builder::inboundQueue),
            number("acceptedQueue", TransportSettings::acceptedQueue, Builder::acceptedQueue),
            number("commandQueue", TransportSettings::commandQueue, Builder::commandQueue),
            number("outboundQueue", TransportSettings::outboundQueue, Builder::outboundQueue),
            number("maxHalfOpen", TransportSettings::maxHalfOpen, Builder::maxHalfOpen),
            number("maxConnections", TransportSettings::maxConnections, Builder::maxConnections));

    private SettingsFields() {}

    private static Field<Builder, TransportSettings> duration(
            String name, Function<TransportSettings, Duration> get, BiFunction<Builder, Duration, Builder> set) {
        return new Field<>(
                name,
                (settings, text) -> set.apply(settings, Amounts.duration(text)),
                settings -> Amounts.text(get.apply(settings)));
    }

    private static Field<Builder, TransportSettings> number(
            String name, Function<TransportSettings, Integer> get, BiFunction<Builder, Integer, Builder> set) {
        return new Field<>(
                name,
                (settings, text) -> set.apply(settings, Amounts.intSize(text)),
                settings -> Integer.toString(get.apply(settings)));
    }
}
