using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Tests.Entities;
using Emulator.ServiceBus.Topology;
using Relay.Testing;

namespace Emulator.ServiceBus.Tests.Journal;

/// <summary>What is on disk after a change was confirmed, and what is done about a disk that fails.</summary>
public sealed class SqliteJournalTests
{
    [Fact]
    public async Task Reopen_LockedMessage_ComesBackWithTheDeliveryCounted()
    {
        using var fixture = new JournalFixture();
        await using (var engine = fixture.Open())
        {
            engine.Queue.Send([EntityFixture.Message("a"), EntityFixture.Message("b")], null);
            var consumer = new ListConsumer(engine.Queue.Messages);
            Assert.Equal("a", consumer.One().Content.MessageId);
        }

        await using var again = fixture.Open();

        Assert.Equal([("a", 1), ("b", 0)], again.Peek().Select(message => (message.Content.MessageId, message.DeliveryCount)));
        Assert.Equal("a", new ListConsumer(again.Queue.Messages).One().Content.MessageId);
    }

    [Fact]
    public async Task Reopen_LockedMessageOnItsLastDelivery_IsDeadLettered()
    {
        using var fixture = new JournalFixture { Topology = new() { Queues = [new QueueSettings { Name = "q", MaxDeliveryCount = 1 }] } };
        await using (var engine = fixture.Open())
        {
            engine.Queue.Send([EntityFixture.Message("a")], null);
            new ListConsumer(engine.Queue.Messages).One();
        }

        await using (var again = fixture.Open())
        {
            Assert.Equal((0, 1), (again.Queue.Messages.Count().Active, again.Queue.DeadLetters.Count().Active));
        }

        await using var third = fixture.Open();
        var dead = new ListConsumer(third.Queue.DeadLetters).One();
        Assert.Equal(("a", 1, "q"), (dead.Content.MessageId, dead.DeliveryCount, dead.DeadLetterSource));
    }

    [Fact]
    public async Task Reopen_ScheduledAndExpiringMessages_AreDueWhenTheyWere()
    {
        using var fixture = new JournalFixture();
        await using (var engine = fixture.Open())
        {
            var start = fixture.Time.GetUtcNow();
            engine.Queue.Send(
                [
                    EntityFixture.Message("soon") with { ScheduledEnqueueTime = start.AddMinutes(1) },
                    EntityFixture.Message("later") with { ScheduledEnqueueTime = start.AddMinutes(10) },
                    EntityFixture.Message("short") with { TimeToLive = TimeSpan.FromMinutes(1) },
                    EntityFixture.Message("long") with { TimeToLive = TimeSpan.FromMinutes(10) },
                ],
                null);
        }

        fixture.Time.Advance(TimeSpan.FromMinutes(2));
        await using var again = fixture.Open();

        Assert.Equal(["later", "long", "soon"], again.Peek().Select(message => message.Content.MessageId));
        Assert.Equal(new StoreCounts(2, 0, 1), again.Queue.Messages.Count());
        fixture.Time.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal(["soon", "later"], again.Peek().Select(message => message.Content.MessageId));
        Assert.Equal(new StoreCounts(2, 0, 0), again.Queue.Messages.Count());
    }

    [Fact]
    public async Task Topic_CopiesInManySubscriptions_ShareOneBodyOnDisk()
    {
        const int Bytes = 500_000;
        var subscriptions = Enumerable.Range(0, 20).Select(number => new SubscriptionSettings { Name = $"s{number}" });
        using var fixture = new JournalFixture
        {
            Topology = new() { Topics = [new TopicSettings { Name = "t", Subscriptions = [.. subscriptions] }] },
        };
        await using (var engine = fixture.Open())
        {
            Assert.True(await engine.StoredAsync(engine.Entities.Topics[0].Send([EntityFixture.Message("a", Bytes)], null)));
        }

        Assert.InRange(new FileInfo(fixture.File).Length, Bytes, 2 * Bytes);
        await using var again = fixture.Open();
        var bodies = again.Entities.Topics[0].Subscriptions
            .Select(subscription => new ListConsumer(subscription.Messages).One().Content)
            .ToArray();
        Assert.All(bodies, body => Assert.Equal((Bytes, bodies[0].Stored.Key), (body.Body.Length, body.Stored.Key)));
    }

    [Fact]
    public async Task Append_DiskFull_RefusesUntilThereIsSpaceAndKeepsWhatWasConfirmed()
    {
        using var fixture = new JournalFixture();
        var confirmed = new List<string>();
        await using (var engine = fixture.Open())
        {
            Assert.True(await engine.SendAsync(EntityFixture.Message("before", 1000)));
            confirmed.Add("before");
            var held = new ListConsumer(engine.Queue.Messages).One();
            engine.Journal.Execute("PRAGMA max_page_count=1");
            var failed = 0;
            for (var number = 0; number < 20; number++)
            {
                if (await engine.SendAsync(EntityFixture.Message($"during-{number}", 100_000))) confirmed.Add($"during-{number}");
                else failed++;
            }

            Assert.Equal(20, failed);
            Assert.True(engine.Journal.IsFailing);
            Assert.Equal(EntityFault.StorageFailed, engine.Queue.Messages.Settle(held.LockToken, Settlement.Complete).Fault);
            engine.Journal.Execute("PRAGMA max_page_count=1000000");
            await TestDeadline.Until(() => !engine.Journal.IsFailing, "the journal finds that there is space again");
            Assert.True(await engine.SendAsync(EntityFixture.Message("after", 1000)));
            confirmed.Add("after");
            Assert.True(await engine.StoredAsync(engine.Queue.Messages.Settle(held.LockToken, Settlement.Complete)));
            confirmed.Remove("before");
        }

        await using var again = fixture.Open();
        var there = again.Peek().ConvertAll(message => message.Content.MessageId);
        Assert.Empty(confirmed.Except(there));
        Assert.DoesNotContain("before", there);
    }

    [Fact]
    public async Task HasRoom_MoreAppendedThanWritten_ResumesWhenItIsWritten()
    {
        using var fixture = new JournalFixture();
        await using var engine = fixture.Open(start: false);
        var resumed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var sent = 0;
        while (engine.Journal.HasRoom(resumed.SetResult))
        {
            Assert.True(++sent < 100_000, "it takes whatever comes");
            Assert.Equal(EntityFault.None, engine.Queue.Send([EntityFixture.Message("a")], null).Fault);
        }

        Assert.False(resumed.Task.IsCompleted);
        engine.Journal.Start();
        await TestDeadline.Within(resumed.Task);
        Assert.True(engine.Journal.HasRoom(() => Assert.Fail("it was not asked to call")));
    }

    [Fact]
    public async Task Open_LogCutAtAnyByte_GivesBackAPrefix()
    {
        const int Messages = 60;
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        using var fixture = new JournalFixture();
        await using var engine = fixture.Open();
        for (var number = 0; number < Messages; number++)
        {
            Assert.True(await engine.SendAsync(EntityFixture.Message($"{number}", random.Next(1, 3000))));
        }

        for (var cut = 0; cut < 20; cut++)
        {
            var folder = fixture.Copy($"cut-{cut}");
            using (var log = new FileStream(Path.Combine(folder, Path.GetFileName(fixture.File) + "-wal"), FileMode.Open))
            {
                // The first cut takes nothing, so that all must be there.
                if (cut > 0) log.SetLength(random.NextInt64(log.Length));
            }

            JournalFixture.Engine? torn = null;
            try
            {
                torn = fixture.Open(folder);
            }
            catch (InvalidDataException exception)
            {
                Assert.Fail($"Cut {cut} of seed {seed}: {exception.Message}");
            }

            await using (torn)
            {
                var ids = torn.Peek()
                    .ConvertAll(message => int.Parse(message.Content.MessageId, System.Globalization.CultureInfo.InvariantCulture));
                Assert.True(ids.SequenceEqual(Enumerable.Range(0, ids.Count)), $"seed {seed}, cut {cut}: {string.Join(' ', ids)}");
                if (cut == 0) Assert.Equal(Messages, ids.Count);
            }
        }
    }

    [Theory]
    [InlineData(
        "this is not a database, it is a text that somebody put here by mistake and it is long enough to have a header of 100 bytes")]
    [InlineData("SQLite format 3\0 and then nothing that would make sense to anybody who reads database files for a living, or for fun")]
    public void Open_UnreadableFile_NamesIt(string contents)
    {
        using var fixture = new JournalFixture();
        File.WriteAllText(fixture.File, contents);

        var exception = Assert.Throws<InvalidDataException>(() => fixture.Open());

        Assert.Contains(fixture.File, exception.Message, StringComparison.Ordinal);
        Assert.Equal(contents, File.ReadAllText(fixture.File));
    }

    [Fact]
    public async Task Open_OtherSchemaVersion_NamesFileAndVersions()
    {
        using var fixture = new JournalFixture();
        await using (var engine = fixture.Open())
        {
            engine.Journal.Execute("PRAGMA user_version=77");
        }

        var exception = Assert.Throws<InvalidDataException>(() => fixture.Open());

        Assert.Contains(fixture.File, exception.Message, StringComparison.Ordinal);
        Assert.Contains("expected a journal of schema 3", exception.Message, StringComparison.Ordinal);
        Assert.Contains("77", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_FolderInUse_SaysSo()
    {
        using var fixture = new JournalFixture();
        await using var engine = fixture.Open();

        var exception = Assert.Throws<InvalidDataException>(() => fixture.Open());

        Assert.Contains("another process uses it", exception.Message, StringComparison.Ordinal);
    }
}
