// One private endpoint with its DNS record.
@description('2 to 64 characters.')
@minLength(2)
@maxLength(64)
param name string

@description('Region of the network.')
param location string

@description('On every resource.')
param tags object

@description('Subnet of the endpoint.')
param subnetId string

@description('What it leads to.')
param resourceId string

@description('Which face of it: namespace, vault, blob.')
@allowed(['namespace', 'vault', 'blob'])
param groupId string

@description('Private DNS zone for its record.')
param zoneId string

resource endpoint 'Microsoft.Network/privateEndpoints@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: {
      id: subnetId
    }
    privateLinkServiceConnections: [
      {
        name: groupId
        properties: {
          privateLinkServiceId: resourceId
          groupIds: [groupId]
        }
      }
    ]
  }
}

resource record 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01' = {
  parent: endpoint
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [
      {
        name: groupId
        properties: {
          privateDnsZoneId: zoneId
        }
      }
    ]
  }
}
