package dev.tether.examples.simulate.scenario;

import dev.tether.core.TransportSettings;
import java.time.Duration;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/** The fields of a peer's transport settings. */
final class SettingsFields {

    static final List<Field<TransportSettings.Builder, TransportSettings>> ALL = List.of(
            duration(
                    "handshakeTimeout",
                    TransportSettings::handshakeTimeout,
                    TransportSettings.Builder::handshakeTimeout),
            duration("handshakeResend", TransportSettings::handshakeResend, TransportSettings.Builder::handshakeResend),
            duration(
                    "handshakeResendMax",
                    TransportSettings::handshakeResendMax,
                    TransportSettings.Builder::handshakeResendMax),
            duration("keepAlive", TransportSettings::keepAlive, TransportSettings.Builder::keepAlive),
            number(
                    "unresponsiveProbes",
                    TransportSettings::unresponsiveProbes,
                    TransportSettings.Builder::unresponsiveProbes),
            duration("idleTimeout", TransportSettings::idleTimeout, TransportSettings.Builder::idleTimeout),
            duration("maxAckDelay", TransportSettings::maxAckDelay, TransportSettings.Builder::maxAckDelay),
            number("datagramSize", TransportSettings::datagramSize, TransportSettings.Builder::datagramSize),
            number("maxMessageSize", TransportSettings::maxMessageSize, TransportSettings.Builder::maxMessageSize),
            number("streamWindow", TransportSettings::streamWindow, TransportSettings.Builder::streamWindow),
            number("maxStreamWindow", TransportSettings::maxStreamWindow, TransportSettings.Builder::maxStreamWindow),
            number(
                    "connectionWindow",
                    TransportSettings::connectionWindow,
                    TransportSettings.Builder::connectionWindow),
            number(
                    "maxConnectionWindow",
                    TransportSettings::maxConnectionWindow,
                    TransportSettings.Builder::maxConnectionWindow),
            number("maxStreams", TransportSettings::maxStreams, TransportSettings.Builder::maxStreams),
            duration(
                    "openStreamTimeout",
                    TransportSettings::openStreamTimeout,
                    TransportSettings.Builder::openStreamTimeout),
            number("sendBuffer", TransportSettings::sendBuffer, TransportSettings.Builder::sendBuffer),
            number("maxSendBuffer", TransportSettings::maxSendBuffer, TransportSettings.Builder::maxSendBuffer),
            number("inboundQueue", TransportSettings::inboundQueue, TransportSettings.Builder::inboundQueue),
            number("acceptedQueue", TransportSettings::acceptedQueue, TransportSettings.Builder::acceptedQueue),
            number("commandQueue", TransportSettings::commandQueue, TransportSettings.Builder::commandQueue),
            number("datagramQueue", TransportSettings::datagramQueue, TransportSettings.Builder::datagramQueue),
            number("outboundQueue", TransportSettings::outboundQueue, TransportSettings.Builder::outboundQueue),
            number("maxHalfOpen", TransportSettings::maxHalfOpen, TransportSettings.Builder::maxHalfOpen),
            number("maxConnections", TransportSettings::maxConnections, TransportSettings.Builder::maxConnections),
            duration(
                    "admissionTimeout",
                    TransportSettings::admissionTimeout,
                    TransportSettings.Builder::admissionTimeout),
            number(
                    "handshakesPerSecond",
                    TransportSettings::handshakesPerSecond,
                    TransportSettings.Builder::handshakesPerSecond),
            duration("handshakeRamp", TransportSettings::handshakeRamp, TransportSettings.Builder::handshakeRamp));

    private SettingsFields() {}

    private static Field<TransportSettings.Builder, TransportSettings> duration(
            String name,
            Function<TransportSettings, Duration> get,
            BiFunction<TransportSettings.Builder, Duration, TransportSettings.Builder> set) {
        return new Field<>(
                name,
                (settings, text) -> set.apply(settings, Amounts.duration(text)),
                settings -> Amounts.text(get.apply(settings)));
    }

    private static Field<TransportSettings.Builder, TransportSettings> number(
            String name,
            Function<TransportSettings, Integer> get,
            BiFunction<TransportSettings.Builder, Integer, TransportSettings.Builder> set) {
        return new Field<>(
                name,
                (settings, text) -> set.apply(settings, Amounts.intSize(text)),
                settings -> Integer.toString(get.apply(settings)));
    }
}
