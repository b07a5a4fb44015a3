using Emulator.Amqp.State;
using Relay.Testing;

namespace Emulator.Amqp.Tests;

/// <summary>The public surface changes only together with <c>ApprovedApi.txt</c>, where a reviewer sees it.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void PublicSurface_Now_IsTheApprovedOne() => ApprovedApi.AssertMatches(typeof(AmqpConnection).Assembly, "ApprovedApi.txt");
}
