using Relay.DeadLetters;
using Relay.Protocol.Envelopes;

namespace Relay.Cli.Tests.DeadLetters;

public sealed class RedriveOrderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Of_AnyOrder_KeepsEveryStreamsAndLosesNone(int seed)
    {
        var random = new Random(seed);
        var bus = new MemoryDeadLetters();
        var ids = Enumerable.Range(1, 400)
            .Select(i => new EnvelopeId("doha", $"s{i % 7}", i % 3 == 0 ? Lane.Urgent : Lane.Normal, i))
            .OrderBy(_ => random.Next())
            .ToList();
        foreach (var id in ids)
        {
            bus.Add(random.Next(10) == 0 ? null : id, "r", new byte[] { 1 });
            if (random.Next(10) == 0) bus.Add(id, "r", new byte[] { 2 });
        }
        var letters = bus.Letters.Select(message => message.Letter).OrderBy(_ => random.Next()).ToList();

        var ordered = RedriveOrder.Of(letters);

        Assert.Equal(letters.Select(letter => letter.Key).ToHashSet(), ordered.Select(letter => letter.Key).ToHashSet());
        Assert.Equal(letters.Count, ordered.Count);
        foreach (var stream in ordered.Where(letter => letter.Id is not null).GroupBy(letter => letter.Id!.Value.Stream))
        {
            var sequences = stream.Select(letter => letter.Id!.Value.Sequence).ToList();
            Assert.Equal(sequences.Order(), sequences);
        }
    }

    [Fact]
    public void Of_WhatStandsInOrder_LeavesTheStreamsMixedAsTheyStand()
    {
        var bus = new MemoryDeadLetters();
        for (var i = 1; i <= 20; i++) bus.Add(new EnvelopeId("doha", $"s{i % 3}", Lane.Normal, i), "r", new byte[] { 1 });
        var ordered = RedriveOrder.Of(bus.Letters.Select(message => message.Letter));
        Assert.Equal(Enumerable.Range(1, 20).Select(i => (long)i), ordered.Select(letter => letter.Key.Number));
    }
}
