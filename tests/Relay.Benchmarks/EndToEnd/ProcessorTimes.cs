using System.Globalization;

namespace Relay.Benchmarks.EndToEnd;

/// <summary>Processor time of each process.</summary>
internal readonly record struct ProcessorTimes(TimeSpan Broker, TimeSpan Host, TimeSpan Worker)
{
    public static ProcessorTimes operator +(ProcessorTimes left, ProcessorTimes right) =>
        new(left.Broker + right.Broker, left.Host + right.Host, left.Worker + right.Worker);

    public static ProcessorTimes operator -(ProcessorTimes left, ProcessorTimes right) =>
        new(left.Broker - right.Broker, left.Host - right.Host, left.Worker - right.Worker);

    /// <summary>Microseconds an envelope, to print.</summary>
    public string Each(int envelopes) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Broker.TotalMicroseconds / envelopes:0} / {Host.TotalMicroseconds / envelopes:0} / {Worker.TotalMicroseconds / envelopes:0}");
}
