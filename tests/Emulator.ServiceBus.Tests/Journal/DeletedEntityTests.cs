using Microsoft.Data.Sqlite;
using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Journal;
using Emulator.ServiceBus.Links;
using Emulator.ServiceBus.Tests.Entities;
using Emulator.ServiceBus.Topology;

namespace Emulator.ServiceBus.Tests.Journal;

/// <summary>Entities created and deleted at run time, then a crash; and journals that hold what cannot be served.</summary>
public sealed class DeletedEntityTests : IDisposable
{
    private readonly JournalFixture _fixture = new()
    {
        Topology = new NamespaceTopology
        {
            Queues = [new QueueSettings { Name = "q" }, new QueueSettings { Name = "declared" }],
            Topics =
            [
                new TopicSettings
                {
                    Name = "t",
                    Subscriptions = [new SubscriptionSettings { Name = "declared" }, new SubscriptionSettings { Name = "s" }],
                },
            ],
        },
    };

    public void Dispose() => _fixture.Dispose();

    public static TheoryData<EntityKind, bool> Kinds()
    {
        var cases = new TheoryData<EntityKind, bool>();
        foreach (var kind in Enum.GetValues<EntityKind>())
        {
            cases.Add(kind, true);
            cases.Add(kind, false);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Remove_EntityOfEachKindThenACrash_TheNextStartServesTheRestWithoutIt(EntityKind kind, bool isDeclared)
    {
        string path, crashed;
        await using (var engine = _fixture.Open())
        {
            await engine.SendAsync(EntityFixture.Message("kept"));
            path = isDeclared ? PathOfDeclared(kind) : Make(engine.Entities, kind);
            Assert.True(engine.Entities.TryFind(path, out var node));
            Assert.True(await engine.StoredAsync(node.SendTarget?.Send([EntityFixture.Message("lost")], null) ?? default));
            Assert.True(await engine.StoredAsync(Remove(engine.Entities, kind, path)));
            crashed = _fixture.Copy("crashed");
        }

        Assert.Equal(isDeclared, IsDefined(crashed, path));
        await using (var again = _fixture.Open(crashed))
        {
            Assert.False(again.Entities.TryFind(path, out _));
            Assert.Equal("kept", Assert.Single(again.Peek()).Content.MessageId);
            Assert.Empty(again.Entities.Withheld);

            // Made anew, it begins at 1.
            Make(again.Entities, kind, path);
            Assert.True(again.Entities.TryFind(path, out var node));
            var numbers = new List<long>();
            Assert.True(await again.StoredAsync(node.SendTarget?.Send([EntityFixture.Message("new")], numbers) ?? default));
            Assert.All(numbers, number => Assert.Equal(1, number));
        }

        await using var last = _fixture.Open(crashed);
        Assert.True(last.Entities.TryFind(path, out _));
    }

    [Fact]
    public async Task Remove_RuleThenACrash_TheNextStartHasItsSubscriptionWithoutIt()
    {
        string crashed;
        await using (var engine = _fixture.Open())
        {
            var subscription = engine.Entities.Topics[0].Subscriptions[1];
            Assert.True(await engine.StoredAsync(RuleManagement.Add(subscription, SubscriptionRuleTests.Sql("mine", "a = 1"))));
            Assert.True(await engine.StoredAsync(RuleManagement.Remove(subscription, "mine")));
            Assert.True(await engine.StoredAsync(RuleManagement.Remove(subscription, "$Default")));
            crashed = _fixture.Copy("crashed");
        }

        await using var again = _fixture.Open(crashed);
        Assert.Empty(again.Entities.Topics[0].Subscriptions[1].Rules);
        Assert.Single(again.Entities.Topics[0].Subscriptions[0].Rules);
    }

    [Theory]
    [InlineData("mine")]
    [InlineData("declared")]
    [InlineData("t")]
    [InlineData("t/Subscriptions/s")]
    public async Task Open_DefinitionThatCannotBeRead_StopsThatEntityAndNoOther(string path)
    {
        await using (var engine = _fixture.Open())
        {
            engine.Entities.Add(new QueueSettings { Name = "mine" });
            Assert.True(await engine.SendAsync(EntityFixture.Message("kept")));
        }

        Write(path, "no XML at all"u8);

        await using var again = _fixture.Open();
        Assert.False(again.Entities.TryFind(path, out _));
        Assert.Contains("cannot be read", again.Entities.Withheld[path], StringComparison.Ordinal);
        Assert.Single(again.Peek());
    }

    /// <summary>Versions before wrote an empty definition for a deleted entity: such a journal opens, and the name is free.</summary>
    [Fact]
    public async Task Open_EmptyDefinition_IsADeletedEntity()
    {
        await using (_fixture.Open())
        {
        }

        Write("gone", []);

        await using var again = _fixture.Open();
        Assert.Empty(again.Entities.Withheld);
        Assert.True(await again.StoredAsync(again.Entities.Add(new QueueSettings { Name = "gone" })));
    }

    [Fact]
    public async Task Open_RuleOfADefinitionThatNoLongerCompiles_StopsItsSubscription()
    {
        await using (var engine = _fixture.Open())
        {
            Assert.True(
                await engine.StoredAsync(
                    RuleManagement.Add(engine.Entities.Topics[0].Subscriptions[1], SubscriptionRuleTests.Sql("mine", "a = 12345"))));
        }

        using (var connection = SqliteJournalFile.Connect(_fixture.File, ""))
        {
            Execute(connection, "UPDATE definition SET bytes = CAST(replace(CAST(bytes AS TEXT), '12345', 'SELECT FROM') AS BLOB)");
        }

        await using var again = _fixture.Open();
        Assert.Equal(["t/Subscriptions/s"], again.Entities.Withheld.Keys);
        Assert.Equal(["declared"], again.Entities.Topics[0].Subscriptions.Select(subscription => subscription.Name));
    }

    [Fact]
    public async Task Open_SessionsRequiredOfMessagesWithout_StopsThatEntityAndKeepsThem()
    {
        await using (var engine = _fixture.Open())
        {
            Assert.True(
                await engine.StoredAsync(engine.Entities.Queues[1].Send([EntityFixture.Message("m1"), EntityFixture.Message("m2")], null)));
            Assert.True(await engine.SendAsync(EntityFixture.Message("kept")));
        }

        var changed = _fixture.Topology with
        {
            Queues = [new QueueSettings { Name = "q" }, new QueueSettings { Name = "declared", RequiresSession = true }],
        };
        using (var other = new JournalFixture { Topology = changed })
        await using (var engine = other.Open(_fixture.Folder))
        {
            Assert.Contains("session id", engine.Entities.Withheld["declared"], StringComparison.Ordinal);
            Assert.Equal(["q"], engine.Entities.Queues.Select(queue => queue.Path));
            Assert.Single(engine.Peek());
        }

        await using var again = _fixture.Open();
        Assert.Equal(2, again.Entities.Queues[1].Messages.Count().Active);
    }

    /// <summary>Rows of the old and the new would share their numbers, and the new overwrite the old.</summary>
    [Fact]
    public async Task Open_MessagesOfAnEntityNoLongerDeclared_KeepTheirNameFromBeingGivenAnew()
    {
        await using (var engine = _fixture.Open())
        {
            Assert.True(await engine.StoredAsync(engine.Entities.Queues[1].Send([EntityFixture.Message("m1")], null)));
        }

        using (var other = new JournalFixture { Topology = new NamespaceTopology { Queues = [new QueueSettings { Name = "q" }] } })
        await using (var engine = other.Open(_fixture.Folder))
        {
            Assert.Contains("not declared", engine.Entities.Withheld["DECLARED"], StringComparison.Ordinal);
        }

        await using var again = _fixture.Open();
        Assert.Equal("m1", Assert.Single(again.Entities.Queues[1].Messages.Numbered.Peek(0, 10, long.MaxValue, null)).Content.MessageId);
    }

    /// <summary>Nothing but numbers and history is left of it: the next of that name starts anew, also after a restart.</summary>
    [Fact]
    public async Task Add_NameOfAnEntityNoLongerDeclared_StartsAnewWithoutItsHistory()
    {
        var dedup = new QueueSettings { Name = "declared", RequiresDuplicateDetection = true };
        using var first = new JournalFixture { Topology = new NamespaceTopology { Queues = [dedup] } };
        await using (var engine = first.Open())
        {
            Assert.True(await engine.SendAsync(EntityFixture.Message("m1")));
            var delivered = new ListConsumer(engine.Queue.Messages, ReceiveMode.PeekLock).One();
            Assert.True(await engine.StoredAsync(engine.Queue.Messages.Settle(delivered.LockToken, Settlement.Complete)));
        }

        using var second = new JournalFixture();
        await using (var engine = second.Open(first.Folder))
        {
            Assert.True(await engine.StoredAsync(engine.Entities.Add(dedup)));
        }

        await using var again = second.Open(first.Folder);
        Assert.True(again.Entities.TryFindEntity<QueueEntity>("declared", out var queue));
        var numbers = new List<long>();
        Assert.True(await again.StoredAsync(queue.Send([EntityFixture.Message("m1")], numbers)));
        Assert.Equal((1L, 1), (Assert.Single(numbers), queue.Messages.Count().Active));
    }

    private static string PathOfDeclared(EntityKind kind) => kind switch
    {
        EntityKind.Queue => "declared",
        EntityKind.Topic => "t",
        EntityKind.Subscription => "t/Subscriptions/declared",
    };

    private static string Make(NamespaceEntities entities, EntityKind kind, string? path = null)
    {
        var name = path?[(path.LastIndexOf('/') + 1)..] ?? "mine";
        switch (kind)
        {
            case EntityKind.Queue: entities.Add(new QueueSettings { Name = name }); return name;
            case EntityKind.Topic: entities.Add(new TopicSettings { Name = name }); return name;
            case EntityKind.Subscription:
                entities.Add(
                entities.Topics[0], new SubscriptionSettings { Name = name }); return "t/Subscriptions/"
                + name;
            default: throw new ArgumentOutOfRangeException(nameof(kind));
        }
    }

    private static EntityOutcome Remove(NamespaceEntities entities, EntityKind kind, string path)
    {
        switch (kind)
        {
            case EntityKind.Queue:
                return entities.TryFindEntity<QueueEntity>(path, out var queue)
                ? entities.Remove(queue)
                : throw new InvalidOperationException(path);
            case EntityKind.Topic:
                return entities.TryFindEntity<TopicEntity>(path, out var topic)
                ? entities.Remove(topic)
                : throw new InvalidOperationException(path);
            case EntityKind.Subscription:
                return entities.TryFindEntity<SubscriptionEntity>(path, out var subscription)
                    ? entities.Remove(entities.Topics[0], subscription)
                    : throw new InvalidOperationException(path);
            default: throw new ArgumentOutOfRangeException(nameof(kind));
        }
    }

    private void Write(string path, ReadOnlySpan<byte> definition)
    {
        using var connection = SqliteJournalFile.Connect(_fixture.File, "");
        using var command = connection.CreateCommand();
        command.CommandText = "INSERT OR REPLACE INTO definition VALUES ($path, $bytes)";
        command.Parameters.AddWithValue("$path", path);
        command.Parameters.AddWithValue("$bytes", definition.ToArray());
        command.ExecuteNonQuery();
    }

    private static bool IsDefined(string folder, string path)
    {
        using var connection = SqliteJournalFile.Connect(Path.Combine(folder, SqliteJournalFile.FileName), "");
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM definition WHERE path = $path";
        command.Parameters.AddWithValue("$path", path);
        return (long)command.ExecuteScalar()! > 0;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
